// Event streams (WHATWG HTML, section 9.2): whole, a byte at a time, and cut in two everywhere.

import { same } from "../lib/expect.mjs";

const LARGEST_RETRY = Number.MAX_SAFE_INTEGER;

class EventDecoder {
  lastEventId = "";
  retry = null;
  // Gives U+FFFD for what is no UTF-8.  The BOM is ours to pass over: some versions of Node take two.
  #text = new TextDecoder("utf-8", { ignoreBOM: true });
  #begun = false;
  #afterCR = false;
  #line = "";
  #block = { event: "", data: null, retry: null };
  #id = "";

  feed(bytes) {
    const events = [];
    for (const character of this.#text.decode(bytes, { stream: true })) {
      const first = !this.#begun;
      this.#begun = true;
      if (first && character === "\ufeff") continue;
      const afterCR = this.#afterCR;
      this.#afterCR = character === "\r";
      if (character === "\n" && afterCR) continue;
      if (character === "\n" || character === "\r") {
        this.#endLine(events);
      } else {
        this.#line += character;
      }
    }
    return events;
  }

  #endLine(events) {
    const line = this.#line;
    this.#line = "";
    if (line === "") return this.#dispatch(events);
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    switch (name) {
      case "event":
        this.#block.event = value;
        break;
      case "data":
        this.#block.data = this.#block.data === null ? value : `${this.#block.data}\n${value}`;
        break;
      case "id":
        if (!value.includes("\0")) this.#id = value;
        break;
      case "retry":
        if (/^[0-9]+$/.test(value)) {
          this.retry = Math.min(Number(value), LARGEST_RETRY);
          this.#block.retry = this.retry;
        }
    }
  }

  #dispatch(events) {
    const { event, data, retry } = this.#block;
    this.#block = { event: "", data: null, retry: null };
    this.lastEventId = this.#id;
    if (data !== null) events.push({ event: event || "message", data, id: this.#id, retry });
  }
}

function decode(parts) {
  const decoder = new EventDecoder();
  const events = parts.flatMap((part) => decoder.feed(part));
  return { events, last_event_id: decoder.lastEventId, retry: decoder.retry };
}

export function check(vector) {
  const wire =
    vector.wire_base64 === undefined
      ? new TextEncoder().encode(vector.wire)
      : Buffer.from(vector.wire_base64, "base64");
  const { events, last_event_id, retry } = vector;
  const expected = { events, last_event_id, retry };
  same(decode([wire]), expected);
  same(decode(Array.from(wire, (_, at) => wire.subarray(at, at + 1))), expected, "byte by byte it");
  for (let cut = 1; cut < Math.min(wire.length, 400); cut += 1) {
    const halves = [wire.subarray(0, cut), wire.subarray(cut)];
    same(decode(halves), expected, `cut after ${cut} bytes it`);
  }
}
