// Ids in paths: tenant-bound ids of major 2 are projected (v2 section 7), all others are escaped as
// one ordinary segment.

import { same, that } from "../lib/expect.mjs";

const bytesOf = (text) => [...new TextEncoder().encode(text)];
const hex = (byte) => byte.toString(16).toUpperCase().padStart(2, "0");

function escape(text, lead, keeps) {
  return bytesOf(text)
    .map((byte) => (keeps.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : lead + hex(byte)))
    .join("");
}

/** Return the id that a segment stands for. */
function unproject(segment) {
  const bytes = [];
  const escapes = /[~%]([0-9a-fA-F]{2})/g;
  let at = 0;
  for (const found of segment.matchAll(escapes)) {
    bytes.push(...bytesOf(segment.slice(at, found.index)), Number.parseInt(found[1], 16));
    at = found.index + found[0].length;
  }
  bytes.push(...bytesOf(segment.slice(at)));
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
}

/** Return the one segment that an id is in a path. */
function project(id) {
  const isSegment = !id.includes("/") && /~2F|%2F/i.test(id);
  return escape(isSegment ? unproject(id) : id, "~", /[A-Za-z0-9._-]/);
}

/** Return a value as one ordinary segment, or null where a path would mean something else by it. */
function segment(value) {
  return ["", ".", ".."].includes(value) ? null : escape(value, "%", /[A-Za-z0-9._~-]/);
}

const CHECKS = {
  project: ({ bound, projected }) => same(project(bound), projected),
  unproject: ({ segment: text, bound }) => same(unproject(text), bound),
  percent: ({ value, refused, segment: expected }) => same(segment(value), refused ? null : expected),
};

export function check(vector, file) {
  that(Object.hasOwn(CHECKS, file), `no check for ${file}`);
  CHECKS[file](vector);
}
