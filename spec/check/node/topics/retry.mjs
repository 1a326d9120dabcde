// Whether an outcome is tried again and after how long, and what a Retry-After header asks for.
//
// The order is that of the design: the answer's own word, the row of its code, and only for an
// unknown code its status; then only what is safe to repeat, and only what fits in the time.

import { same, that } from "../lib/expect.mjs";
import { specFile } from "../lib/spec.mjs";

const NOW = Date.UTC(2026, 0, 1) / 1000;
const POLICY = { attempts: 3, initial: 0.5, maximum: 8, max_retry_after: 60 };
const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"]);
const KINDS = {
  400: "bad_request",
  401: "authentication",
  403: "permission_denied",
  404: "not_found",
  409: "conflict",
  410: "gone",
  422: "unprocessable",
  429: "rate_limit",
};
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const CLOCK = "([0-9]{2}):([0-9]{2}):([0-9]{2})";
// The three forms of RFC 9110 section 5.6.7, the first with a zone in digits as well.
const IMF = new RegExp(`^[A-Z][a-z]{2}, ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ${CLOCK} (GMT|[+-][0-9]{4})$`);
const RFC850 = new RegExp(`^[A-Z][a-z]+, ([0-9]{2})-([A-Z][a-z]{2})-([0-9]{2}) ${CLOCK} GMT$`);
const ASCTIME = new RegExp(`^[A-Z][a-z]{2} ([A-Z][a-z]{2}) +([0-9]{1,2}) ${CLOCK} ([0-9]{4})$`);

function moment(year, name, day, hour, minute, second, zone = "GMT") {
  const month = MONTHS.indexOf(name);
  const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  if (month < 0 || day < 1 || day > days || hour > 23 || minute > 59 || second > 60) return null;
  const shift = zone === "GMT" ? 0 : Number(zone[0] + "1") * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3)));
  return Date.UTC(year, month, day, hour, minute, second) / 1000 - shift * 60;
}

function date(text) {
  let found = IMF.exec(text);
  if (found) {
    const [, day, month, year, hour, minute, second, zone] = found;
    return moment(+year, month, +day, +hour, +minute, +second, zone);
  }
  found = RFC850.exec(text);
  if (found) {
    const [, day, month, year, hour, minute, second] = found;
    return moment(+year + (+year < 69 ? 2000 : 1900), month, +day, +hour, +minute, +second);
  }
  found = ASCTIME.exec(text);
  if (found) {
    const [, month, day, hour, minute, second, year] = found;
    return moment(+year, month, +day, +hour, +minute, +second);
  }
  return null;
}

function retryAfter(value) {
  if (value === null || value === undefined) return null;
  const text = value.trim();
  if (/^([0-9]+\.?[0-9]*|\.[0-9]+)$/.test(text)) return Number(text);
  const when = date(text);
  return when === null ? null : Math.max(0, when - NOW);
}

function kindOf({ status, broken }) {
  if (broken !== undefined) return broken === "timeout" ? "timeout" : "connection";
  return KINDS[status] ?? (status >= 500 ? "server" : "status");
}

async function decide({ method, honoured = false, key = false, major, outcome, attempt = 1, policy, left }) {
  const limits = { ...POLICY, ...policy };
  const error = kindOf(outcome);
  const broken = outcome.broken !== undefined;
  const over = left !== undefined && left <= 0;
  if (over && outcome.broken === "timeout") return { retry: false, error: "deadline", last_error: error };
  const { codes } = await specFile("errors.yaml");
  const code = outcome.body?.error;
  const row = Object.hasOwn(codes, code ?? "") ? codes[code] : undefined;
  const word = outcome.body?.details?.retriable;
  const waits = row?.wait === true && word !== false;
  const rowSays = row?.retryable[`v${major}`] ?? undefined;
  const says = typeof word === "boolean" ? word : rowSays;
  const retryable = broken || waits || (says ?? AGAIN.has(outcome.status));
  const sent = broken ? outcome.sent : true;
  const safe = !sent || waits || IDEMPOTENT.has(method) || (honoured && key);
  const details = outcome.body?.details ?? {};
  const asked = retryAfter(outcome.headers?.["Retry-After"]) ?? details.retryAfter ?? null;
  const raised = { retry: false, error, attempts: attempt, ...(asked === null ? {} : { retry_after: asked }) };
  if (!retryable || !safe || attempt >= limits.attempts) return raised;
  if (asked !== null) {
    const tooLong = asked > limits.max_retry_after || (left !== undefined && asked >= left);
    return tooLong ? raised : { retry: true, wait: asked };
  }
  const ceiling = Math.min(limits.maximum, limits.initial * 2 ** (attempt - 1));
  if (over) return { retry: false, error: "deadline", last_error: error };
  return { retry: true, jitter_below: ceiling };
}

async function mayHaveBeenTaken(outcome) {
  if (outcome.broken !== undefined) return outcome.sent;
  if (outcome.status >= 500) return true;
  const { codes } = await specFile("errors.yaml");
  const code = outcome.body?.error ?? "";
  return Object.hasOwn(codes, code) && codes[code].wait === true;
}

const CHECKS = {
  ambiguity: async ({ earlier, expected }) => {
    const open = await Promise.all(earlier.map(mayHaveBeenTaken));
    same(open.includes(true), expected.ambiguous, "`ambiguous`");
  },
  "retry-after": ({ value, seconds }) => same(retryAfter(value), seconds),
  decisions: async (vector) => {
    const found = await decide(vector);
    for (const [member, wanted] of Object.entries(vector.expected)) same(found[member], wanted, `\`${member}\``);
  },
};

export async function check(vector, file) {
  that(Object.hasOwn(CHECKS, file), `no check for ${file}`);
  await CHECKS[file](vector);
}
