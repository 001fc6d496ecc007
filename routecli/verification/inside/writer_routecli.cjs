// The records of a JavaScript runner, one JSON object a line, in the folder outside the tree; see report.py.
// The folder's name is taken out of the environment at once: what the runner starts later does not learn it.
"use strict";
const fs = require("node:fs");
const path = require("node:path");

const folder = process.env.ROUTECLI_REPORT_DIR;
delete process.env.ROUTECLI_REPORT_DIR;
const write = fs.appendFileSync;
const LIMIT = 20000;

class Writer {
  constructor() {
    this.place = path.join(folder, `${process.pid}-${process.hrtime.bigint()}.jsonl`);
    this.count = 0;
    write(this.place, "");
  }

  record(file, titles, outcome, detail, phase) {
    const inside = file ? path.relative(process.cwd(), file).split(path.sep).join("/") : "";
    const id = [inside, titles.join(" > ")].filter(Boolean).join("::") || "the run";
    this.count += 1;
    const said = String(detail || "").replace(/\u001b\[[0-9;]*m/g, "").slice(0, LIMIT);
    write(this.place, JSON.stringify({ id, file: inside, outcome, detail: said, phase: phase || "call" }) + "\n");
  }

  end() {
    write(this.place, JSON.stringify({ end: true, records: this.count }) + "\n");
  }
}

const words = (error) => (error ? error.stack || error.message || String(error) : "");

module.exports = { Writer, words };
