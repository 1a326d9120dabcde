// A reader and a writer of JSON that keep what JSON.parse loses: integers of any size, the
// difference between 1 and 1.0, and the place of an error in bytes.
//
// An integer is a BigInt, any other number a Number, an object a Map.

const MAX_DEPTH = 128;
const MAX_DIGITS = 4300;

export class InvalidJSON extends Error {
  constructor(reason, position) {
    super(`${reason} at byte ${position}`);
    this.reason = reason;
    this.position = position;
  }
}

/** Return where *bytes* stop being UTF-8 (Unicode 15, table 3-7), or -1. */
function notUTF8(bytes) {
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at];
    if (lead < 0x80) {
      at += 1;
      continue;
    }
    const more = lead >= 0xc2 && lead <= 0xdf ? 1 : lead >= 0xe0 && lead <= 0xef ? 2 : lead >= 0xf0 && lead <= 0xf4 ? 3 : 0;
    const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    const second = bytes[at + 1];
    if (more === 0 || !(second >= least && second <= most)) return at;
    for (let next = 2; next <= more; next += 1) {
      if ((bytes[at + next] & 0xc0) !== 0x80) return at;
    }
    at += more + 1;
  }
  return -1;
}

const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const LITERALS = [["null", null], ["true", true], ["false", false]];
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;

class Reader {
  #text;
  #at = 0;
  #start;

  constructor(bytes) {
    const wrong = notUTF8(bytes);
    if (wrong >= 0) throw new InvalidJSON("encoding", wrong);
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    this.#start = text.startsWith("\ufeff") ? 3 : 0;
    this.#text = this.#start ? text.slice(1) : text;
  }

  read() {
    this.#blanks();
    if (this.#at === this.#text.length) this.#fail("empty");
    const value = this.#value(0);
    this.#blanks();
    if (this.#at < this.#text.length) this.#fail();
    return value;
  }

  #fail(reason = "syntax") {
    const before = new TextEncoder().encode(this.#text.slice(0, this.#at));
    throw new InvalidJSON(reason, this.#start + before.length);
  }

  #blanks() {
    while (" \t\n\r".includes(this.#text[this.#at] ?? "x")) this.#at += 1;
  }

  /** Pass *character* over where it is next, and tell whether it was. */
  #take(character) {
    const found = this.#text[this.#at] === character;
    if (found) this.#at += 1;
    return found;
  }

  #value(depth) {
    const first = this.#text[this.#at];
    if (first === '"') return this.#string();
    if (first === "[" || first === "{") {
      if (depth === MAX_DEPTH) this.#fail("depth");
      return first === "[" ? this.#array(depth + 1) : this.#object(depth + 1);
    }
    for (const [word, value] of LITERALS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    return this.#number();
  }

  #number() {
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(this.#text);
    if (!found) this.#fail();
    const [digits, fraction, exponent] = found;
    this.#at += digits.length;
    if (fraction === undefined && exponent === undefined) {
      if (digits.replace("-", "").length > MAX_DIGITS) this.#fail("number");
      return BigInt(digits);
    }
    const number = Number(digits);
    if (!Number.isFinite(number)) this.#fail("number");
    return number;
  }

  #string() {
    this.#at += 1;
    let value = "";
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || character < " ") this.#fail();
      this.#at += 1;
      if (character === '"') return value;
      value += character === "\\" ? this.#escape() : character;
    }
  }

  #escape() {
    const letter = this.#text[this.#at];
    if (letter === "u") {
      const digits = this.#text.slice(this.#at + 1, this.#at + 5);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#fail();
      this.#at += 5;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    if (!Object.hasOwn(ESCAPES, letter ?? "")) this.#fail();
    this.#at += 1;
    return ESCAPES[letter];
  }

  #array(depth) {
    this.#at += 1;
    const items = [];
    this.#blanks();
    if (this.#take("]")) return items;
    for (;;) {
      this.#blanks();
      items.push(this.#value(depth));
      this.#blanks();
      if (this.#take("]")) return items;
      if (!this.#take(",")) this.#fail();
    }
  }

  #object(depth) {
    this.#at += 1;
    const members = new Map();
    this.#blanks();
    if (this.#take("}")) return members;
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] !== '"') this.#fail();
      const key = this.#string();
      this.#blanks();
      if (!this.#take(":")) this.#fail();
      this.#blanks();
      members.set(key, this.#value(depth));
      this.#blanks();
      if (this.#take("}")) return members;
      if (!this.#take(",")) this.#fail();
    }
  }
}

/** Return the value of a JSON text, or throw InvalidJSON. */
export function parse(bytes) {
  return new Reader(bytes).read();
}

/** Return the compact text of a value, or throw a RangeError for a number that JSON lacks. */
export function write(value) {
  if (value === null || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number") return writeNumber(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  const members = [...value].map(([key, member]) => `${JSON.stringify(key)}:${write(member)}`);
  return `{${members.join(",")}}`;
}

function writeNumber(number) {
  if (!Number.isFinite(number)) throw new RangeError("JSON has no such number");
  const text = Object.is(number, -0) ? "-0" : String(number);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
