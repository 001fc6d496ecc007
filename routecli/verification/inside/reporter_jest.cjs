// A reporter for jest.
"use strict";
const { Writer, words } = require("./writer_routecli.cjs");

const OUTCOMES = { passed: "passed", failed: "failed", todo: "skipped", pending: "skipped", skipped: "skipped", disabled: "skipped" };

module.exports = class Reporter {
  constructor() {
    this.writer = new Writer();
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
    if (!results.wasInterrupted) this.writer.end();
  }
};
