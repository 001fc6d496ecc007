// Which of the changed lines were run, from what V8 counted: the strength of a verdict rests on it; see lines_routecli.py.
//
// ROUTECLI_LINES names files, relative to where the run began, and groups of lines of each. V8 counts by functions and
// blocks of the code that it ran; a source map says which line each piece of it came from. A line was not run where all of
// it has a count of 0, or where a function begins that was never called. A line that became no code (a type) is passed
// over as run.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { fileURLToPath, pathToFileURL } = require("node:url");

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const CODE = /[\w$'"`]/;

// What is asked for: file by its absolute path, with its name and the lines. The variable goes: tests do not learn it.
function asked({ keep = false } = {}) {
  const said = process.env.ROUTECLI_LINES;
  if (!keep) delete process.env.ROUTECLI_LINES;
  const files = new Map();
  for (const [name, groups] of Object.entries(said ? JSON.parse(said) : {})) {
    files.set(fs.realpathSync(process.cwd()) + path.sep + name.split("/").join(path.sep), { name, lines: new Set(groups.flat()) });
  }
  return files;
}

// The segments of a source map as [generated line, its column, source, original line], all from 0.
function segments(mappings) {
  const found = [];
  let source = 0, line = 0;
  mappings.split(";").forEach((group, generated) => {
    let column = 0;
    for (const segment of group ? group.split(",") : []) {
      const numbers = [];
      let value = 0, shift = 0;
      for (const digit of segment) {
        const bits = DIGITS.indexOf(digit);
        value += (bits & 31) * 2 ** shift;
        shift += 5;
        if (bits & 32) continue;
        numbers.push(value % 2 ? -Math.floor(value / 2) : value / 2);
        value = shift = 0;
      }
      column += numbers[0];
      if (numbers.length < 4) continue;
      source += numbers[1];
      line += numbers[2];
      found.push([generated, column, source, line]);
    }
  });
  return found;
}

function startsOf(lengths) {
  const starts = [0];
  for (const length of lengths) starts.push(starts[starts.length - 1] + length + 1);
  return starts;
}

function lineAt(starts, offset) {
  let low = 0, high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

// The count of the innermost range around an offset: V8 tells outer ones first.
function counter(functions) {
  const ranges = functions.flatMap((one) => one.ranges);
  return (offset) => {
    let count = 0;
    for (const range of ranges) if (range.startOffset <= offset && offset < range.endOffset) count = range.count;
    return count;
  };
}

const neverCalled = (functions) => functions.filter((one) => one.ranges[0].count === 0).map((one) => one.ranges[0].startOffset);

class Lines {
  constructor(files) {
    this.files = files;
    this.seen = new Map([...files.values()].map(({ name }) => [name, new Set()]));
    this.loaded = new Set();
  }

  get idle() {
    return this.files.size === 0;
  }

  // One script as V8 counted it. `text` or `lengths` (of lines) is its code from `skip` on; `map` is its source map.
  add(file, functions, { text, lengths, map, skip = 0 }) {
    const starts = startsOf(lengths || text.split("\n").map((line) => line.length)).map((start) => start + skip);
    const count = counter(functions), dead = neverCalled(functions);
    if (map && map.mappings) this.mapped(file, starts, count, dead, map);
    else if (this.files.has(file)) this.plain(file, starts, count, dead, text === undefined ? fs.readFileSync(file, "utf8") : text, skip);
  }

  plain(file, starts, count, dead, text, skip) {
    const { name, lines } = this.files.get(file);
    const without = new Set(dead.map((offset) => lineAt(starts, offset) + 1));
    this.loaded.add(name);
    for (const line of lines) {
      const from = starts[line - 1], to = line < starts.length ? starts[line] : Infinity;
      let code = false, run = false;
      for (let at = from; at < to && at - skip < text.length && !run; at += 1) {
        if (!CODE.test(text[at - skip])) continue;
        code = true;
        run = count(at) > 0;
      }
      if (!code || (run && !without.has(line))) this.seen.get(name).add(line);
    }
  }

  mapped(file, starts, count, dead, map) {
    const from = pathToFileURL(file), root = map.sourceRoot ? map.sourceRoot.replace(/\/?$/, "/") : "";
    const places = map.sources.map((source) => place(source && new URL(root + source, from)));
    const wanted = places.map((one) => this.files.get(one));
    if (!wanted.some(Boolean)) return;
    const all = segments(map.mappings);
    const pieces = new Map();
    for (const [generated, column, source, line] of all) {
      if (!wanted[source] || !wanted[source].lines.has(line + 1)) continue;
      const key = `${source}:${line + 1}`;
      if (!pieces.has(key)) pieces.set(key, []);
      pieces.get(key).push(starts[generated] + column);
    }
    const without = new Set(dead.map((offset) => origin(all, starts, offset)));
    wanted.forEach((one, source) => {
      if (!one) return;
      this.loaded.add(one.name);
      for (const line of one.lines) {
        const offsets = pieces.get(`${source}:${line}`);
        const run = !offsets || offsets.some((offset) => count(offset) > 0);
        if (run && !without.has(`${source}:${line}`)) this.seen.get(one.name).add(line);
      }
    });
  }

  // For the last record of a session.
  told() {
    if (this.idle) return {};
    const lines = Object.fromEntries([...this.seen].map(([name, seen]) => [name, [...seen].sort((a, b) => a - b)]));
    return { lines, files: [...this.loaded] };
  }
}

function place(url) {
  try {
    return url ? fileURLToPath(url) : "";
  } catch {
    return ""; // webpack://, data: and the like are no files
  }
}

// `source:line` that a piece of code came from: the last segment before it.
function origin(all, starts, offset) {
  const generated = lineAt(starts, offset), column = offset - starts[generated];
  let found = "";
  for (const [line, at, source, original] of all) {
    if (line > generated || (line === generated && at > column)) break;
    if (line === generated) found = `${source}:${original + 1}`;
  }
  return found;
}

// The files that node itself left in NODE_V8_COVERAGE.
function addFolder(lines, folder) {
  for (const name of fs.readdirSync(folder).slice(0, MOST_FILES)) {
    const whole = fs.statSync(path.join(folder, name)).size > MOST_BYTES ? {} : JSON.parse(fs.readFileSync(path.join(folder, name), "utf8"));
    const maps = whole["source-map-cache"] || {};
    for (const { url, functions } of whole.result || []) {
      if (!url.startsWith("file:") || url.includes("/node_modules/")) continue;
      const file = place(url), known = maps[url];
      const map = known && known.data;
      if (map || lines.files.has(file)) lines.add(file, functions, map ? { lengths: known.lineLengths, map } : { text: fs.readFileSync(file, "utf8") });
    }
  }
}

const MOST_FILES = 1000;
const MOST_BYTES = 200_000_000;

module.exports = { Lines, addFolder, asked, place };
