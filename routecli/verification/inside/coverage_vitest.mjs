// A coverage provider for vitest that counts nothing but the lines asked for: in each worker V8 is asked, and what the
// workers saw comes together in the main process, where the reporter takes it.
import inspector from "node:inspector";
import { createRequire } from "node:module";

const { Lines, asked, place } = createRequire(import.meta.url)("./lines_routecli.cjs");

const WRAPPER = /^[^\n]{0,400}?\)\s*=>\s*\{\{/; // what vite puts around a module, on its first line
const MAP = /^\/\/# sourceMappingURL=data:application\/json;(?:charset=[\w-]+;)?base64,([A-Za-z0-9+\/=]+)/;
const HELD = Symbol.for("routecli.counting"); // vitest loads this module anew between begin and end

function post(method, words) {
  let answer;
  globalThis[HELD].session.post(method, words, (error, said) => {
    if (error) throw error;
    answer = said;
  });
  return answer;
}

function counted() {
  const { files } = globalThis[HELD];
  const lines = new Lines(files);
  const { result } = post("Profiler.takePreciseCoverage");
  post("Debugger.enable");
  for (const { scriptId, url, functions } of result) {
    const file = url.startsWith("file:") ? place(url) : url;
    if (!files.has(file)) continue;
    const { scriptSource } = post("Debugger.getScriptSource", { scriptId });
    const inline = MAP.exec(scriptSource.slice(scriptSource.lastIndexOf("//# sourceMappingURL=")));
    const map = inline && JSON.parse(Buffer.from(inline[1], "base64").toString("utf8"));
    const skip = (WRAPPER.exec(scriptSource) || [""])[0].length;
    lines.add(file, functions, { text: scriptSource.slice(skip), map: map && { ...map, sources: map.sources.map(() => file) }, skip });
  }
  post("Debugger.disable");
  return lines.told();
}

class Provider {
  name = "routecli";
  lines = {};
  files = new Set();

  initialize(vitest) {
    this.options = vitest.config.coverage;
    for (const { name } of asked({ keep: true }).values()) this.lines[name] = new Set();
    globalThis[Symbol.for("routecli.lines")] = () => this.fault ? {} : ({
      lines: Object.fromEntries(Object.entries(this.lines).map(([name, seen]) => [name, [...seen]])),
      files: [...this.files],
    });
  }

  resolveOptions() {
    return { ...this.options, enabled: true, provider: "custom", reporter: [] };
  }

  onAfterSuiteRun({ coverage }) {
    this.fault ||= coverage.fault;
    if (this.fault) return;
    for (const [name, seen] of Object.entries(coverage.lines)) for (const line of seen) this.lines[name].add(line);
    for (const file of coverage.files) this.files.add(file);
  }

  clean() {}

  generateCoverage() {}

  reportCoverage() {}
}

export default {
  startCoverage() {
    const session = new inspector.Session();
    session.connect();
    globalThis[HELD] = { session, files: asked() };
    post("Profiler.enable");
    post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  },
  // What cannot be counted is not known, and no fault of a test.
  takeCoverage() {
    try {
      return counted();
    } catch (error) {
      return { fault: String(error) };
    }
  },
  stopCoverage() {
    globalThis[HELD].session.disconnect();
  },
  getProvider: () => new Provider(),
};
