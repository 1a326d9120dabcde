#!/usr/bin/env node
// Checks every vector of spec/vectors with code of its own, and reports each by its id.
//
//   node check.mjs [--topic T]... [--vectors DIR] [--failures]
//
// It needs Node 20 and nothing else.  It ends with 1 when a vector fails, when a file is no table of
// vectors, when a topic is not known here, and when there was nothing to check.

import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

// One module per topic; each exports `check(vector, file)`, which throws where its own answer is
// not the one of the vector.  `file` is the name of the vector's file without its ending.
const TOPICS = {
  audit: () => import("./topics/audit.mjs"),
  codec: () => import("./topics/codec.mjs"),
  discovery: () => import("./topics/discovery.mjs"),
  errors: () => import("./topics/errors.mjs"),
  events: () => import("./topics/events.mjs"),
  ids: () => import("./topics/ids.mjs"),
  retry: () => import("./topics/retry.mjs"),
  sse: () => import("./topics/sse.mjs"),
  webhooks: () => import("./topics/webhooks.mjs"),
};

async function tables(root, chosen) {
  const entries = await readdir(root, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".json"));
  return files
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((path) => ({ path, parts: relative(root, path).split(/[/\\]/) }))
    .filter(({ parts }) => chosen.length === 0 || chosen.includes(parts[0]))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}

async function checkTable({ path, parts }, report) {
  const topic = parts[0];
  const name = parts.join("/").replace(/\.json$/, "");
  let table;
  try {
    table = JSON.parse(await readFile(path, "utf8"));
  } catch {
    return report(name, "the file is no JSON");
  }
  if (!Object.hasOwn(TOPICS, topic)) {
    return report(name, `the topic ${topic} is not known here`);
  }
  if (table.topic !== topic || !Array.isArray(table.vectors) || table.vectors.length === 0) {
    return report(name, `the file is no table of ${topic} vectors`);
  }
  const { check } = await TOPICS[topic]();
  const seen = new Set();
  for (const vector of table.vectors) {
    const id = `${name}/${vector.id}`;
    if (typeof vector.id !== "string" || seen.has(id)) {
      report(id, "the id is missing or not the only one");
      continue;
    }
    seen.add(id);
    try {
      await check(vector, parts.at(-1).replace(/\.json$/, ""), table);
      report(id);
    } catch (error) {
      report(id, error.message);
    }
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      topic: { type: "string", multiple: true, default: [] },
      vectors: { type: "string", default: fileURLToPath(new URL("../../vectors", import.meta.url)) },
      failures: { type: "boolean", default: false },
    },
  });
  let passed = 0;
  let failed = 0;
  const report = (id, problem) => {
    if (problem === undefined) {
      passed += 1;
      if (!values.failures) console.log(`ok   ${id}`);
    } else {
      failed += 1;
      console.log(`FAIL ${id}: ${problem}`);
    }
  };
  const found = await tables(values.vectors, values.topic);
  for (const table of found) await checkTable(table, report);
  for (const topic of values.topic) {
    if (!found.some(({ parts }) => parts[0] === topic)) report(topic, "there is no such topic");
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

process.exitCode = await main();
