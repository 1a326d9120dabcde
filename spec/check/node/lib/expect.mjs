// How an answer is compared with the one of a vector, and how a difference is shown.

/** Throw unless *actual* is, all the way down, what the vector expects. */
export function same(actual, expected, what = "the answer") {
  const [one, other] = [show(actual), show(expected)];
  if (one !== other) throw new Error(`${what} is ${clip(one)}, expected ${clip(other)}`);
}

/** Throw with *problem* unless *condition* holds. */
export function that(condition, problem) {
  if (!condition) throw new Error(problem);
}

// A text that tells -0 from 0, 1n from 1, and keeps the order of members.
function show(value) {
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "number") return String(value);
  if (value === undefined) return "undefined";
  if (Array.isArray(value)) return `[${value.map(show).join(",")}]`;
  if (value instanceof Map) return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}:${show(item)}`).join(",")}}`;
  if (value !== null && typeof value === "object") {
    const keys = Object.keys(value).sort();
    return `{${keys.map((key) => `${key}:${show(value[key])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

function clip(text) {
  return text.length > 300 ? `${text.slice(0, 300)}... (${text.length} characters)` : text;
}
