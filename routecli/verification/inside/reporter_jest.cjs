// A reporter for jest.
"use strict";
const fs = require("node:fs");
const { Lines, asked } = require("./lines_routecli.cjs");
const { Writer, words } = require("./writer_routecli.cjs");

const OUTCOMES = { passed: "passed", failed: "failed", todo: "skipped", pending: "skipped", skipped: "skipped", disabled: "skipped" };

module.exports = class Reporter {
  constructor() {
    this.writer = new Writer();
    this.lines = new Lines(asked());
  }

  // What jest counted for its own coverage, in the code as it was transformed.
  onTestResult(_test, { v8Coverage }) {
    for (const { result, codeTransformResult: made } of this.lines.idle ? [] : v8Coverage || []) {
      const map = made && made.sourceMapPath && fs.existsSync(made.sourceMapPath) && JSON.parse(fs.readFileSync(made.sourceMapPath, "utf8"));
      const text = made ? made.code : fs.readFileSync(result.url, "utf8");
      this.lines.add(result.url, result.functions, { text, map, skip: made ? made.wrapperLength || 0 : 0 });
    }
  }

  onRunComplete(_contexts, results) {
    for (const file of results.testResults) {
      const place = file.testFilePath;
      for (const test of file.testResults) {
        const titles = [...test.ancestorTitles, test.title];
        this.writer.record(place, titles, OUTCOMES[test.status] || "failed", test.failureMessages.join("\n"));
      }
      if (file.testExecError || (file.failureMessage && file.testResults.length === 0)) {
        this.writer.record(place, [], "failed", file.failureMessage || words(file.testExecError), "collect");
      }
    }
    if (!results.wasInterrupted) this.writer.end(this.lines.told());
  }
};
