// A reporter for vitest.
import { createRequire } from "node:module";

const { Writer, words } = createRequire(import.meta.url)("./writer_routecli.cjs");

export default class Reporter {
  onInit() {
    this.writer = new Writer();
  }

  onFinished(files = [], errors = []) {
    for (const file of files) this.walk(file, file.filepath, []);
    for (const error of errors) this.writer.record("", ["an error outside every test"], "failed", words(error));
    this.writer.end();
  }

  walk(task, file, titles) {
    for (const inner of task.tasks || []) {
      const named = [...titles, inner.name];
      if (inner.type === "suite") {
        this.walk(inner, file, named);
        continue;
      }
      const state = inner.result && inner.result.state;
      const outcome = state === "pass" ? "passed" : state === "fail" ? "failed" : "skipped";
      this.writer.record(file, named, outcome, ((inner.result && inner.result.errors) || []).map(words).join("\n"));
    }
    const errors = (task.result && task.result.errors) || [];
    if (errors.length) this.writer.record(file, titles, "failed", errors.map(words).join("\n"), "collect");
  }
}
