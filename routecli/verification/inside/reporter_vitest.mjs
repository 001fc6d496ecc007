// A reporter for vitest: 1 and 2 by onFinished, 3 and later by onTestRunEnd.
import { createRequire } from "node:module";

const { Writer, words } = createRequire(import.meta.url)("./writer_routecli.cjs");

const OUTCOMES = { pass: "passed", passed: "passed", fail: "failed", failed: "failed" };

export default class Reporter {
  onInit() {
    this.writer = new Writer();
  }

  onTestRunEnd(modules = [], errors = [], reason = "") {
    for (const module of modules) this.told(module, module.moduleId, []);
    this.close(errors, reason !== "interrupted");
  }

  onFinished(files = [], errors = []) {
    if (!this.writer) return;
    for (const file of files) this.walk(file, file.filepath, []);
    this.close(errors, true);
  }

  close(errors, whole) {
    for (const error of errors) this.writer.record("", ["an error outside every test"], "failed", words(error));
    const told = globalThis[Symbol.for("routecli.lines")];
    if (whole) this.writer.end(told ? told() : {});
    this.writer = undefined;
  }

  told(node, file, titles) {
    for (const inner of node.children) {
      const named = [...titles, inner.name];
      if (inner.type === "suite") {
        this.told(inner, file, named);
        continue;
      }
      const { state, errors } = inner.result();
      this.writer.record(file, named, OUTCOMES[state] || "skipped", (errors || []).map(words).join("\n"));
    }
    this.broken(file, titles, node.errors());
  }

  walk(task, file, titles) {
    for (const inner of task.tasks || []) {
      const named = [...titles, inner.name];
      if (inner.type === "suite") {
        this.walk(inner, file, named);
        continue;
      }
      const { state, errors } = inner.result || {};
      this.writer.record(file, named, OUTCOMES[state] || "skipped", (errors || []).map(words).join("\n"));
    }
    this.broken(file, titles, (task.result && task.result.errors) || []);
  }

  broken(file, titles, errors) {
    if (errors.length) this.writer.record(file, titles, "failed", errors.map(words).join("\n"), "collect");
  }
}
