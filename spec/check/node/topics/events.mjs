// Run events: the envelope and the payload as a tolerant reader takes them, and the first deviation
// that a strict one finds.  Both follow spec/openwop/events.yaml.

import { same, that } from "../lib/expect.mjs";
import { Deviation, Schemas, isObject } from "../lib/schema.mjs";
import { specFile } from "../lib/spec.mjs";

let described;

async function description() {
  if (described === undefined) {
    const root = await specFile("events.yaml");
    const newest = new Map();
    for (const [name, type] of Object.entries(root.types)) {
      newest.set(name, name);
      if (type.v1) newest.set(type.v1, name);
    }
    described = { ...root, newest, schemas: new Schemas(root) };
  }
  return described;
}

/** Read the envelope: members of a wrong kind are refused, null and absent are one. */
function readEnvelope({ envelopes, schemas }, raw) {
  const found = {};
  const { properties } = envelopes.RunEventDocument;
  for (const [name, schema] of Object.entries(properties)) {
    const isAbsent = (raw[name] ?? null) === null;
    const source = isAbsent ? (schema["x-openwop-fallback"] ?? name) : name;
    const value = raw[source] ?? null;
    found[name] = value === null ? null : schemas.read(schema, value, source);
  }
  if (found.type === null) throw new Deviation("type");
  return found;
}

function decimal(version) {
  if (typeof version !== "string") return version;
  return /^[0-9]+$/.test(version) ? Number(version) : null;
}

function readPayload({ types, schemas }, type, payload) {
  return types[type]?.payload ? schemas.read(types[type].payload, payload ?? {}) : payload;
}

function read(all, { raw, hint, known, event, payload }) {
  const found = readEnvelope(all, raw);
  const type = all.newest.get(found.type) ?? found.type;
  same(Object.hasOwn(all.types, type), known ?? true, "whether the type is known");
  const made = {
    type,
    raw_type: found.type,
    sequence: found.sequence ?? hint ?? null,
    event_id: found.eventId,
    run_id: found.runId,
    timestamp: found.timestamp,
    node_id: found.nodeId,
    schema_version: found.schemaVersion,
    engine_version: decimal(found.engineVersion),
    causation_id: found.causationId,
  };
  same(made, event, "the envelope");
  same(readPayload(all, type, found.payload), payload, "the payload");
}

function wrong(all, { raw, where, path }) {
  let place = "envelope";
  try {
    const found = readEnvelope(all, raw);
    place = "payload";
    readPayload(all, all.newest.get(found.type), found.payload);
  } catch (error) {
    if (!(error instanceof Deviation)) throw error;
    return same([place, error.path], [where, path], "the place");
  }
  throw new Error(`the document is read, expected to be refused at ${where}:${path}`);
}

/** Throw unless a major knows the spelling of a type, or its grammar leaves it to vendors. */
function checkType({ types, envelopes }, spelling, major) {
  const isKnown = Object.values(types).some((type) => type[`v${major}`] === spelling);
  const grammar = envelopes.RunEventDocument.properties.type["x-openwop-vendor"][`v${major}`];
  if (!isKnown && !new RegExp(grammar, "u").test(spelling)) throw new Deviation("type");
}

function deviation(all, raw, major) {
  let part = "document";
  try {
    all.schemas.check(all.envelopes.RunEventDocument, raw, major);
    checkType(all, raw.type, major);
    part = "payload";
    const type = all.types[all.newest.get(raw.type)];
    if (type?.payload) all.schemas.check(type.payload, raw.payload, major);
  } catch (error) {
    if (!(error instanceof Deviation)) throw error;
    return `${part}:${error.path}`;
  }
  return null;
}

const CHECKS = {
  read,
  wrong,
  strict: (all, { raw, major, path }) => same(deviation(all, raw, major), path, "the first deviation"),
};

export async function check(vector, file) {
  that(Object.hasOwn(CHECKS, file), `no check for ${file}`);
  that(isObject(vector.raw), "the document is no object");
  CHECKS[file](await description(), vector);
}
