// The records of a JavaScript runner, one JSON object a line, in the folder outside the tree; see report.py.
// The folder's name is taken out of the environment at once: what the runner starts later does not learn it.
"use strict";
const fs = require("node:fs");
const path = require("node:path");

const folder = process.env.ROUTECLI_REPORT_DIR;
delete process.env.ROUTECLI_REPORT_DIR;
const write = fs.writeSync;
const startedIn = process.cwd();
const LIMIT = 6000;
const SHORT_LIMIT = 400;
const LONG_DETAILS = 40;

class Writer {
  constructor() {
    this.out = fs.openSync(path.join(folder, `${process.pid}-${process.hrtime.bigint()}.jsonl`), "wx");
    this.count = 0;
    this.details = 0;
  }

  line(entry) {
    write(this.out, JSON.stringify(entry) + "\n");
  }

  detail(text) {
    const said = String(text || "").replace(/\u001b\[[0-9;]*m/g, "");
    if (said) this.details += 1;
    return said.slice(0, this.details <= LONG_DETAILS ? LIMIT : SHORT_LIMIT);
  }

  record(file, titles, outcome, detail, phase) {
    const inside = file ? path.relative(startedIn, file).split(path.sep).join("/") : "";
    const id = [inside, titles.join(" > ")].filter(Boolean).join("::") || "the run";
    this.count += 1;
    this.line({ id, file: inside, outcome, detail: this.detail(detail), phase: phase || "call" });
  }

  end(told) {
    this.line({ end: true, records: this.count, ...told });
  }
}

const words = (error) => (error ? error.stack || error.message || String(error) : "");

module.exports = { Writer, words };
