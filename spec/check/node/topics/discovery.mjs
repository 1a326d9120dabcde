// Which major a host speaks, from one answer to the discovery call (v2 sections 2.4 and 2.5), and
// whether a document advertises a capability.

import { same, that } from "../lib/expect.mjs";

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const texts = (value) => (Array.isArray(value) ? value.filter((item) => typeof item === "string") : []);

function majorOf(version) {
  const found = typeof version === "string" ? /^\s*([0-9]{1,9})(\.|\s*$)/.exec(version) : null;
  return found ? Number(found[1]) : null;
}

/** Tell the major from the shape of the root, for a header that a proxy lost. */
function shapeOf(body) {
  const isRecord = (value) => isObject(value) && "status" in value && "since" in value;
  if ("preferredVersion" in body || Object.values(body).some(isRecord)) return 2;
  const known = ["supportedEnvelopes", "schemaVersions", "limits", "capabilities", "protocolVersion"];
  return known.some((name) => name in body) ? 1 : null;
}

function decide({ status, header, body, repeated = false }) {
  const details = isObject(body) && isObject(body.details) ? body.details : {};
  if (status === 406) {
    const versions = texts(details.protocolVersions);
    const shared = versions.some((version) => majorOf(version) === 1);
    return shared ? { outcome: "fallback", major: 1, versions } : { outcome: "unsupported", versions };
  }
  if (status === 426) {
    const floor = details.minClientVersion;
    return { outcome: "too_old", versions: [], ...(typeof floor === "string" ? { minimum_client: floor } : {}) };
  }
  if (status !== 200 || !isObject(body) || Object.keys(body).length === 0) return { outcome: "foreign", versions: [] };
  const shape = shapeOf(body);
  const listed = texts(body.protocolVersions);
  const versions = listed.length === 0 && typeof body.protocolVersion === "string" ? [body.protocolVersion] : listed;
  const majors = new Set(versions.map(majorOf));
  if (majors.has(2)) {
    const answered = majorOf(header);
    if (answered === 2 || (answered === null && shape === 2)) return { outcome: "major", major: 2, versions };
    return repeated ? { outcome: "major", major: 1, versions } : { outcome: "again", versions };
  }
  if (majors.has(1)) return { outcome: "major", major: 1, versions };
  if (versions.length > 0) return { outcome: "unsupported", versions };
  return shape === null ? { outcome: "foreign", versions } : { outcome: "major", major: shape, versions };
}

/** Tell whether a value claims what stands under its name. */
function claimed(value) {
  if (isObject(value)) return value.supported !== false;
  if (typeof value === "boolean") return value;
  if (Array.isArray(value) || typeof value === "string") return value.length > 0;
  return value !== null && value !== undefined;
}

function advertises(document, gate) {
  const [path, wanted] = gate.split("=");
  const [first, ...rest] = path.split(".");
  const wrapper = isObject(document.capabilities) ? document.capabilities : {};
  let value = first in document ? document[first] : wrapper[first];
  for (const name of rest) {
    if (!isObject(value)) return false;
    if (name === "supported" && !(name in value)) return claimed(value);
    if (!claimed(value)) return false;
    value = value[name];
  }
  return wanted === undefined ? claimed(value) : Array.isArray(value) && value.includes(wanted);
}

const CHECKS = {
  negotiation: (vector) => same(decide(vector), vector.expected),
  gates: ({ document, gate, advertised }) => same(advertises(document, gate), advertised),
};

export function check(vector, file) {
  that(Object.hasOwn(CHECKS, file), `no check for ${file}`);
  CHECKS[file](vector);
}
