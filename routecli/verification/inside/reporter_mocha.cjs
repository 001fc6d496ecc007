// A reporter for mocha.
"use strict";
const { Writer, words } = require("./writer_routecli.cjs");

module.exports = function Reporter(runner) {
  const writer = new Writer();
  runner.on("pass", (test) => writer.record(test.file, test.titlePath(), "passed"));
  runner.on("pending", (test) => writer.record(test.file, test.titlePath(), "skipped"));
  runner.on("fail", (test, error) => {
    writer.record(test.file, test.titlePath(), "failed", words(error));
    process.stdout.write(`${test.fullTitle()}: ${error && error.message}\n`);
  });
  runner.on("end", () => writer.end({ lines: {} }));
};
