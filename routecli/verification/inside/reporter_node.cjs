// A reporter for `node --test`.
"use strict";
const path = require("node:path");
const { Writer, words } = require("./writer_routecli.cjs");

const SHOUTED = 4000;
const said = (error) => words(error && error.cause instanceof Error ? error.cause : error) || words(error);

module.exports = async function* reporter(source) {
  const writer = new Writer();
  const open = new Map();
  const shouted = new Map();
  for await (const { type, data } of source) {
    const titles = open.get(data && data.file) || [];
    if (type === "test:start") {
      open.set(data.file, [...titles.slice(0, data.nesting), data.name]);
    } else if (type === "test:pass" || type === "test:fail") {
      const failed = type === "test:fail";
      const details = data.details || {};
      const error = details.error;
      const whole = data.nesting === 0 && /\.[cm]?[jt]sx?$/.test(data.name) && path.isAbsolute(path.resolve(data.name))
        && (!data.file || path.resolve(data.name) === data.file || path.resolve(data.name) === path.resolve(data.file));
      if (whole) {
        const file = path.resolve(data.name);
        const detail = `${said(error)}\n${shouted.get(file) || ""}`;
        if (failed) writer.record(file, [], "failed", detail, "collect");
      } else if (details.type !== "suite" || (failed && error && error.failureType !== "subtestsFailed")) {
        if (failed && error && error.failureType === "subtestsFailed") continue;
        const skipped = data.skip !== undefined && data.skip !== false;
        const todo = data.todo !== undefined && data.todo !== false;
        const outcome = skipped ? "skipped" : todo ? "xfailed" : failed ? "failed" : "passed";
        writer.record(data.file, [...titles.slice(0, data.nesting), data.name], outcome, failed ? said(error) : "");
      }
      if (failed) yield `not ok ${data.name}: ${error ? error.message : ""}\n`;
    } else if (type === "test:stderr" || type === "test:stdout") {
      if (data.file) shouted.set(data.file, ((shouted.get(data.file) || "") + data.message).slice(-SHOUTED));
      yield data.message;
    }
  }
  writer.end({ lines: {} });
};
