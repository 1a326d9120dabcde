// The files of spec/openwop, read once.

import { readFile } from "node:fs/promises";

import { parseYaml } from "./yaml.mjs";

const read = new Map();

/** Return the content of a YAML file of spec/openwop. */
export async function specFile(name) {
  if (!read.has(name)) {
    const source = await readFile(new URL(`../../../openwop/${name}`, import.meta.url), "utf8");
    read.set(name, parseYaml(source));
  }
  return read.get(name);
}
