// Webhook deliveries (v1 section 18, v2 sections 4.3 and 17): which to accept and why not, how to
// sign them, which two are one, and where a host may post them.

import { createHash, createHmac, timingSafeEqual } from "node:crypto";

import { isPublic, ipv4, ipv6 } from "../lib/addresses.mjs";
import { same, that } from "../lib/expect.mjs";
import { InvalidJSON, parse } from "../lib/json.mjs";

const FIELDS = ["signature", "timestamp", "signature-algorithm", "webhook-id", "event-type"];
const STANDARD = ["webhook-signature", "webhook-timestamp", "webhook-id"];
const KNOWN = new Set([
  ...FIELDS.map((field) => `openwop-${field}`),
  ...FIELDS.map((field) => `x-openwop-${field}`),
  ...STANDARD,
]);

class Refusal extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

function refuse(reason) {
  throw new Refusal(reason);
}

// --- signatures -------------------------------------------------------------------------------

function hmac(key, encoding, ...pieces) {
  const made = createHmac("sha256", key);
  for (const piece of pieces) made.update(piece);
  return made.digest(encoding);
}

const openwop = (secret, timestamp, body) => `sha256=${hmac(secret, "hex", `${timestamp}.`, body)}`;

const isStandard = (secret) => secret.startsWith("whsec_");

function standard(secret, id, timestamp, body) {
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  return `v1,${hmac(key, "base64", `${id}.${timestamp}.`, body)}`;
}

function equal(one, other) {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

// --- verification -----------------------------------------------------------------------------

function readFields(headers) {
  const found = new Map();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (!KNOWN.has(key)) continue;
    if ((found.get(key) ?? value) !== value) refuse("header_conflict");
    found.set(key, value);
  }
  const family = (prefix) => FIELDS.map((field) => found.get(prefix + field) ?? null);
  const [newer, older] = [family("openwop-"), family("x-openwop-")];
  if (newer[0] !== null && older[0] !== null) {
    // An absent algorithm means v1.
    const said = ([signature, timestamp, algorithm, ...rest]) => [signature, timestamp, algorithm ?? "v1", ...rest];
    if (JSON.stringify(said(newer)) !== JSON.stringify(said(older))) refuse("header_conflict");
  }
  const [signature, timestamp, algorithm, webhookId, eventType] = newer[0] !== null ? newer : older;
  const [entries, standardTimestamp, standardId] = STANDARD.map((name) => found.get(name) ?? null);
  return { signature, timestamp, algorithm, webhookId, eventType, entries, standardTimestamp, standardId };
}

function readTimestamp(fields, now, tolerance) {
  if (fields.signature === null && fields.entries === null) refuse("missing_signature");
  const timestamp = fields.signature === null ? fields.standardTimestamp : fields.timestamp;
  if (fields.signature !== null && fields.entries !== null && fields.standardTimestamp !== timestamp) {
    refuse("header_conflict");
  }
  if (timestamp === null) refuse("missing_timestamp");
  if (!/^[0-9]{1,15}$/.test(timestamp)) refuse("malformed_timestamp");
  const age = now - Number(timestamp);
  if (age > tolerance) refuse("timestamp_too_old");
  if (age < -tolerance) refuse("timestamp_too_new");
  return timestamp;
}

/** Return pairs of subscription (null where secrets are not by subscription) and secret. */
function readSecrets(secrets) {
  const several = (value) => (Array.isArray(value) ? value : [value]);
  if (typeof secrets === "string" || Array.isArray(secrets)) return several(secrets).map((secret) => [null, secret]);
  return Object.entries(secrets).flatMap(([name, value]) => several(value).map((secret) => [name, secret]));
}

function findKey(fields, timestamp, body, secrets) {
  let candidates = secrets;
  if (secrets.some(([name]) => name !== null) && fields.webhookId !== null) {
    candidates = secrets.filter(([name]) => name === fields.webhookId);
    if (candidates.length === 0) refuse("unknown_subscription");
  }
  let fits = (secret) => equal(fields.signature, openwop(secret, timestamp, body));
  if (fields.entries !== null && (fields.signature === null || candidates.some(([, secret]) => isStandard(secret)))) {
    const { standardId: id, entries: text } = fields;
    if (id === null || !/^[!-\-/-~]{1,256}$/.test(id)) refuse("malformed_headers");
    const entries = text.split(" ");
    if (!/^[\0-\x7f]*$/.test(text) || entries.length > 16) refuse("malformed_signature");
    const usable = entries.filter((entry) => entry.startsWith("v1,"));
    if (usable.length === 0) refuse("unknown_algorithm");
    fits = (secret) => {
      if (!isStandard(secret)) return false;
      const expected = standard(secret, id, timestamp, body);
      return usable.some((entry) => equal(entry, expected));
    };
  }
  return candidates.find(([, secret]) => fits(secret)) ?? refuse("signature_mismatch");
}

function readBody(body) {
  // What a host signs begins with its object: no BOM stands before it.
  if (body[0] === 0xef) refuse("malformed_body");
  let data;
  try {
    data = parse(body);
  } catch (error) {
    if (!(error instanceof InvalidJSON)) throw error;
    refuse("malformed_body");
  }
  return data instanceof Map ? data : refuse("malformed_body");
}

const text = (value) => (typeof value === "string" && value !== "" ? value : null);

function readChallenge(body, fields) {
  const certain = fields.signature === null || fields.eventType === null;
  if (!certain && (body.length > 1024 || !body.includes('"challenge"'))) return null;
  const data = readBody(body);
  const isDelivery = ["event", "hostEvent", "runId"].some((name) => data.has(name));
  if (data.get("type") !== "openwop.webhook.verification" && isDelivery) return null;
  return text(data.get("challenge"));
}

function readDelivery(body, subscription) {
  const data = readBody(body);
  const event = data.has("event") ? data.get("event") : data.get("hostEvent");
  if (!(event instanceof Map)) refuse("malformed_body");
  const sequence = [event.get("sequence"), event.get("seq")].find((value) => typeof value === "bigint");
  return {
    subscription_id: subscription,
    run_id: text(data.get("runId")) ?? text(event.get("runId")),
    workspace: text(data.get("workspaceId")) ?? text(event.get("workspaceId")),
    event_type: text(event.get("type")) ?? "",
    event_id: text(event.get("eventId")),
    sequence: sequence === undefined ? null : Number(sequence),
  };
}

function bodyOf(vector) {
  return vector.body === undefined ? Buffer.from(vector.body_base64, "base64") : Buffer.from(vector.body);
}

/** Return the challenge, or the delivery with the scope in which it is handled once. */
function verify({ headers, now, secrets, tolerance = 300, max_body: maxBody = 1 << 20, ...rest }) {
  const body = bodyOf(rest);
  if (body.length > maxBody) refuse("body_too_large");
  const fields = readFields(headers);
  const timestamp = readTimestamp(fields, now, tolerance);
  if (fields.signature !== null) {
    if (fields.algorithm !== null && fields.algorithm !== "v1") refuse("unknown_algorithm");
    if (!/^sha256=[0-9a-f]{64}$/.test(fields.signature)) refuse("malformed_signature");
  }
  const [scope] = findKey(fields, timestamp, body, readSecrets(secrets));
  const challenge = readChallenge(body, fields);
  if (challenge !== null) return { challenge };
  return { delivery: readDelivery(body, scope ?? fields.webhookId), scope, body };
}

function judge(vector) {
  try {
    const { challenge, delivery } = verify(vector);
    return challenge === undefined ? { delivery } : { challenge };
  } catch (error) {
    if (error instanceof Refusal) return { reason: error.reason };
    throw error;
  }
}

// --- the other tables -------------------------------------------------------------------------

function dedupKey(request, secrets) {
  const { delivery, scope, body } = verify({ ...request, secrets });
  const { run_id: run, sequence, event_id: event } = delivery;
  if (run !== null && sequence !== null) return JSON.stringify([scope, "run", run, sequence]);
  if (event !== null) return JSON.stringify([scope, "event", run, event]);
  return JSON.stringify([scope, "body", createHash("sha256").update(body).digest("hex")]);
}

function sign(vector) {
  const { secret, previous_secret: previous, timestamp, families, standard_id: id } = vector;
  const body = bodyOf(vector);
  const values = {
    "Webhook-Id": vector.webhook_id,
    "Event-Type": vector.event_type,
    Timestamp: String(timestamp),
    Signature: openwop(previous ?? secret, timestamp, body),
    "Signature-Algorithm": "v1",
  };
  const prefixes = { v1: "X-openwop-", v2: "OpenWOP-" };
  const headers = {};
  for (const family of families) {
    for (const [name, value] of Object.entries(values)) headers[prefixes[family] + name] = value;
  }
  if (id !== null) {
    const secrets = previous === null ? [secret] : [secret, previous];
    headers["webhook-id"] = id;
    headers["webhook-timestamp"] = String(timestamp);
    headers["webhook-signature"] = secrets.map((each) => standard(each, id, timestamp, body)).join(" ");
  }
  return headers;
}

function isPublicUrl(url) {
  if (!/^[!-[\]-~]+$/.test(url)) return false;
  const parts = /^https:\/\/(\[[^\]/?#]*\]|[^/?#:@[\]]*)(?::([0-9]*))?(?=[/?#]|$)/i.exec(url);
  if (parts === null) return false;
  const [, written, port = ""] = parts;
  if (port !== "" && (Number(port) < 1 || Number(port) > 65535)) return false;
  if (written.startsWith("[")) {
    const address = written.slice(1, -1);
    return ipv6(address) !== null && isPublic(address);
  }
  const host = written.toLowerCase().replace(/\.$/, "");
  const labels = host.split(".");
  if (!labels.every((label) => /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/.test(label))) return false;
  // Resolvers take 2130706433, 0x7f.1 and 127.1 for addresses.
  if (/^([0-9]+|0x.*)$/.test(labels.at(-1))) return ipv4(host) !== null && isPublic(host);
  return !["localhost", "metadata"].includes(host) && !/\.(localhost|internal|local)$/.test(host);
}

const mayPost = ({ url, addresses }) =>
  isPublicUrl(url) && addresses.length > 0 && addresses.every(isPublic);

const accepts = (vector) => same(judge(vector), vector.expect);

const CHECKS = {
  valid: accepts,
  invalid: accepts,
  standard: accepts,
  rotation: accepts,
  clock: accepts,
  signing: (vector) => same(sign(vector), vector.headers),
  egress: (vector) => same(mayPost(vector), vector.allowed),
  dedup: ({ first, second, secrets, same: expected }) =>
    same(dedupKey(first, secrets) === dedupKey(second, secrets), expected),
};

export function check(vector, file) {
  that(Object.hasOwn(CHECKS, file), `no check for ${file}`);
  CHECKS[file](vector);
}
