// JSON: what a text stands for or why it is refused, and the one text that a value has.

import { same, that } from "../lib/expect.mjs";
import { InvalidJSON, parse, write } from "../lib/json.mjs";

function textOf(vector) {
  if (vector.base64 !== undefined) return Buffer.from(vector.base64, "base64");
  if (vector.parts === undefined) return Buffer.from(vector.text);
  return Buffer.from(vector.parts.map(([piece, times]) => piece.repeat(times)).join(""));
}

/** Return the value that a vector spells out. */
function untag(tagged) {
  if (Array.isArray(tagged)) return tagged.map(untag);
  if (tagged === null || typeof tagged !== "object") return tagged;
  if (tagged.int !== undefined) return BigInt(tagged.int);
  if (tagged.object !== undefined) return new Map(tagged.object.map(([key, value]) => [key, untag(value)]));
  const words = { nan: Number.NaN, inf: Infinity, "-inf": -Infinity };
  return words[tagged.float] ?? Number(tagged.float);
}

function decode(vector) {
  if (vector.value !== undefined) return same(parse(textOf(vector)), untag(vector.value));
  try {
    parse(textOf(vector));
  } catch (error) {
    if (!(error instanceof InvalidJSON)) throw error;
    same(error.reason, vector.refused, "the reason");
    if (vector.position !== null) same(error.position, vector.position, "the position");
    return undefined;
  }
  throw new Error(`the text is read, expected to be refused for ${vector.refused}`);
}

function encode(vector) {
  const value = untag(vector.value);
  if (!vector.refused) return same(write(value), vector.text, "the text");
  let text;
  try {
    text = write(value);
  } catch (error) {
    return that(error instanceof RangeError, error.message);
  }
  throw new Error(`the text is ${text}, expected to be refused`);
}

export function check(vector, file) {
  const checks = { decode, encode };
  that(Object.hasOwn(checks, file), `no check for ${file}`);
  checks[file](vector);
}
