// Starts a runner: first what has to be built, then the runner with the files that patterns name now, new ones too.
// Where ROUTECLI_LINES asks for lines, node counts in every process, and what was run is told at the end.
//
//   node start_routecli.cjs [--before TEXT] [--files PATTERN…] -- PROGRAM WORD… [FILE…]
//
// FILEs after the last word, which has to be `--only` where there are patterns, take the place of what these name.
"use strict";
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { Lines, addFolder, asked } = require("./lines_routecli.cjs");

const SPECIAL = { "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|" };

function expression(pattern) {
  let open = 0;
  const parts = pattern.replace(/^\.\//, "").match(/\*\*\/|\*\*|\[[^\]]*\]|[\s\S]/g) || [];
  const words = parts.map((part) => {
    if (part === "{") open += 1;
    if (part === "," && !open) return part;
    if (part === "}" && open) open -= 1;
    if (part.length > 1 && part[0] === "[") return part.replace(/^\[!/, "[^");
    return SPECIAL[part] || part.replace(/[.+^$()|[\]\\{}]/g, "\\$&");
  });
  return new RegExp(`^${words.join("")}$`);
}

function* walk(folder) {
  for (const entry of fs.readdirSync(folder || ".", { withFileTypes: true })) {
    const place = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isDirectory()) {
      if (entry.name !== "node_modules" && entry.name !== ".git") yield* walk(place);
    } else if (entry.isFile()) yield place;
  }
}

function named(patterns) {
  const plain = patterns.filter((one) => !/[*?[{]/.test(one));
  const wanted = patterns.filter((one) => !plain.includes(one)).map(expression);
  return [...plain, ...[...walk("")].filter((place) => wanted.some((one) => one.test(place))).sort()];
}

function run(program, words, env) {
  const done = spawnSync(program, words, { stdio: "inherit", env });
  if (done.error) process.stderr.write(`${program}: ${done.error.message}\n`);
  return done.signal ? 128 + (os.constants.signals[done.signal] || 0) : done.status === null ? 127 : done.status;
}

// Runs it and tells which lines were run; only where a runner began, since its own records say that it did.
function counted(program, words) {
  const lines = new Lines(asked());
  if (lines.idle) return run(program, words, process.env);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lines-"));
  const status = run(program, words, { ...process.env, NODE_V8_COVERAGE: folder });
  const reports = process.env.ROUTECLI_REPORT_DIR;
  if (fs.readdirSync(reports).some((name) => name.endsWith(".jsonl"))) {
    addFolder(lines, folder);
    fs.writeFileSync(path.join(reports, "lines.jsonl"), `${JSON.stringify({ end: true, records: 0, ...lines.told() })}\n`, { flag: "wx" });
  }
  return status;
}

function main(argv) {
  const cut = argv.indexOf("--");
  const own = argv.slice(0, cut);
  let [program, ...words] = argv.slice(cut + 1);
  const before = own[0] === "--before" ? own[1] : "";
  const patterns = own.includes("--files") ? own.slice(own.indexOf("--files") + 1) : [];
  if (patterns.length) {
    const only = words.lastIndexOf("--only");
    const files = words.length > only + 1 ? words.slice(only + 1) : named(patterns);
    if (!files.length) {
      process.stderr.write(`no file is named by ${patterns.join(" ")}\n`);
      return 1;
    }
    words = [...words.slice(0, only), ...files.map((file) => path.normalize(file))];
  }
  if (before) {
    const { ROUTECLI_REPORT_DIR: _, ROUTECLI_LINES: __, ...env } = process.env;
    const status = run("/bin/sh", ["-c", before], env);
    if (status !== 0) return status;
  }
  return counted(program, words);
}

process.exitCode = main(process.argv.slice(2));
