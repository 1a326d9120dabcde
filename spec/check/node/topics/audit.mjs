// Audit logs (v1 section 19): canonical JSON, entry hashes, Merkle roots, and signed checkpoints.

import { createHash, createPublicKey, verify } from "node:crypto";

import { same, that } from "../lib/expect.mjs";

const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/** Write JSON as RFC 8785 does; JavaScript's own numbers and strings are its model. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const names = Object.keys(value).sort(); // by UTF-16 code units, as the standard wants
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

function root(hashes) {
  if (hashes.length === 0) return sha256("");
  let level = hashes;
  while (level.length > 1) {
    const next = [];
    for (let at = 0; at + 1 < level.length; at += 2) next.push(sha256(level[at] + level[at + 1]));
    if (level.length % 2 === 1) next.push(level.at(-1));
    level = next;
  }
  return level[0];
}

/** Return over what a checkpoint is signed, or null where no reading verifies. */
function schemeOf({ signature, ...rest }, publicKey) {
  const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
  const mac = Buffer.from(signature, "base64");
  if (mac.length !== 64) return null;
  const readings = {
    raw: Buffer.from(rest.merkleRoot, "hex"),
    hex: Buffer.from(rest.merkleRoot, "ascii"),
    canonical: Buffer.from(canonical(rest), "utf8"),
  };
  return Object.keys(readings).find((name) => verify(null, readings[name], key, mac)) ?? null;
}

const CHECKS = {
  canonical: ({ value, text }) => same(canonical(value), text),
  entries: ({ entry, hash }) => same(sha256(canonical(entry)), hash),
  roots: ({ hashes, root: expected }) => same(root(hashes), expected),
  checkpoints: ({ checkpoint, publicKey, scheme }) => same(schemeOf(checkpoint, publicKey), scheme),
};

export function check(vector, file) {
  that(Object.hasOwn(CHECKS, file), `no check for ${file}`);
  CHECKS[file](vector);
}
