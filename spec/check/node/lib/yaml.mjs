// The YAML that spec/ is written in: mappings and lists as blocks or in braces and brackets, plain
// and quoted scalars, comments.  Whatever else YAML knows (anchors, tags, block scalars, several
// documents) is refused, never guessed at.

export function parseYaml(source) {
  return new Document(source).read();
}

class Document {
  #lines;
  #at = 0;

  constructor(source) {
    this.#lines = [];
    for (const [index, line] of source.split(/\r?\n/).entries()) {
      const text = line.trimStart();
      if (text === "" || text.startsWith("#")) continue;
      if (text.startsWith("\t")) throw new SyntaxError(`line ${index + 1}: a tab indents`);
      this.#lines.push({ indent: line.length - text.length, text, number: index + 1 });
    }
  }

  read() {
    if (this.#lines.length === 0) return null;
    const value = this.#block(this.#lines[0].indent);
    if (this.#at < this.#lines.length) this.#fail("this line belongs to nothing");
    return value;
  }

  #fail(problem) {
    const { number } = this.#lines[Math.min(this.#at, this.#lines.length - 1)];
    throw new SyntaxError(`line ${number}: ${problem}`);
  }

  get #line() {
    return this.#lines[this.#at];
  }

  #block(indent) {
    return /^-( |$)/.test(this.#line.text) ? this.#list(indent) : this.#mapping(indent);
  }

  #list(indent) {
    const items = [];
    while (this.#line?.indent === indent && /^-( |$)/.test(this.#line.text)) {
      const rest = this.#line.text.slice(1).trimStart();
      if (rest === "" || rest.startsWith("#")) {
        this.#at += 1;
        items.push(this.#nested(indent + 1));
      } else if (keyOf(rest) === null) {
        items.push(this.#scalar(rest, indent));
      } else {
        // A mapping that begins behind the dash: the dash counts as indentation.
        const inner = indent + this.#line.text.length - rest.length;
        this.#lines[this.#at] = { ...this.#line, indent: inner, text: rest };
        items.push(this.#mapping(inner));
      }
    }
    return items;
  }

  #mapping(indent) {
    const members = {};
    while (this.#line?.indent === indent) {
      const found = keyOf(this.#line.text);
      if (found === null) this.#fail("a mapping has no key here");
      const [key, rest] = found;
      if (Object.hasOwn(members, key)) this.#fail(`the key ${key} stands twice`);
      let value;
      if (rest === "" || rest.startsWith("#")) {
        this.#at += 1;
        // A list may stand no deeper than the key that it belongs to.
        const isList = this.#line?.indent === indent && /^-( |$)/.test(this.#line.text);
        value = isList ? this.#list(indent) : this.#nested(indent + 1);
      } else {
        value = this.#scalar(rest, indent);
      }
      Object.defineProperty(members, key, { value, enumerable: true, writable: true, configurable: true });
    }
    if (this.#line !== undefined && this.#line.indent > indent) this.#fail("this line is indented too far");
    return members;
  }

  #nested(least) {
    return this.#line !== undefined && this.#line.indent >= least ? this.#block(this.#line.indent) : null;
  }

  /** Read a value that begins on this line; deeper lines go on with it. */
  #scalar(first, indent) {
    let text = first;
    this.#at += 1;
    while (this.#line !== undefined && this.#line.indent > indent) {
      text += ` ${this.#line.text}`;
      this.#at += 1;
    }
    try {
      return new Flow(text).read();
    } catch (error) {
      this.#at -= 1;
      return this.#fail(error.message);
    }
  }
}

/** Return the key that a line begins with, and what follows its colon. */
function keyOf(text) {
  const quoted = /^(?:'((?:[^']|'')*)'|"((?:[^"\\]|\\.)*)")\s*:(?: +(.*))?$/.exec(text);
  if (quoted) return [new Flow(text).quoted(), (quoted[3] ?? "").trim()];
  if (/^[[{'"&*!|>%@`]/.test(text)) return null;
  const plain = /^([^#]*?):(?: +(.*))?$/.exec(text);
  return plain && [plain[1].trim(), (plain[2] ?? "").trim()];
}

/** One value on one line. */
class Flow {
  #text;
  #at = 0;

  constructor(text) {
    this.#text = text;
  }

  read() {
    const value = this.#value(false);
    this.#blanks();
    const rest = this.#text.slice(this.#at);
    if (rest !== "" && !rest.startsWith("#")) throw new SyntaxError(`${rest} follows a value`);
    return value;
  }

  quoted() {
    const quote = this.#text[this.#at];
    this.#at += 1;
    let value = "";
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) throw new SyntaxError("a quote is not closed");
      this.#at += 1;
      if (character === quote) {
        if (quote === '"' || this.#text[this.#at] !== "'") return value;
        this.#at += 1;
      } else if (character === "\\" && quote === '"') {
        value += this.#escape();
        continue;
      }
      value += character;
    }
  }

  #escape() {
    const found = /^(?:["\\/bfnrt0]|u[0-9a-fA-F]{4})/.exec(this.#text.slice(this.#at));
    if (!found) throw new SyntaxError("an escape is not known");
    this.#at += found[0].length;
    return found[0] === "0" ? "\0" : JSON.parse(`"\\${found[0]}"`);
  }

  #blanks() {
    while (this.#text[this.#at] === " ") this.#at += 1;
  }

  #value(nested) {
    this.#blanks();
    const first = this.#text[this.#at];
    if (first === "[") return this.#list();
    if (first === "{") return this.#mapping();
    if (first === "'" || first === '"') return this.quoted();
    return this.#plain(nested);
  }

  #take(character) {
    this.#blanks();
    const found = this.#text[this.#at] === character;
    if (found) this.#at += 1;
    return found;
  }

  #list() {
    const items = [];
    this.#at += 1;
    while (!this.#take("]")) {
      items.push(this.#value(true));
      if (!this.#take(",") && this.#text[this.#at] !== "]") throw new SyntaxError("a list is not closed");
    }
    return items;
  }

  #mapping() {
    const members = {};
    this.#at += 1;
    while (!this.#take("}")) {
      this.#blanks();
      const isQuoted = /['"]/.test(this.#text[this.#at] ?? "");
      const key = isQuoted ? this.quoted() : String(this.#word(/:(?= |$|[,[\]{}])|[,[\]{}]/));
      if (!this.#take(":")) throw new SyntaxError("a member has no colon");
      members[key] = this.#value(true);
      if (!this.#take(",") && this.#text[this.#at] !== "}") throw new SyntaxError("a mapping is not closed");
    }
    return members;
  }

  /** Return the text up to where *end* matches, or a comment begins. */
  #word(end) {
    const rest = this.#text.slice(this.#at);
    const stops = [end.exec(rest)?.index, / #/.exec(rest)?.index].filter((stop) => stop !== undefined);
    const word = rest.slice(0, Math.min(rest.length, ...stops));
    this.#at += word.length;
    return word.trim();
  }

  #plain(nested) {
    const word = this.#word(nested ? /[,[\]{}]/ : /$/);
    if (/^[&*!|>%@`#]/.test(word)) throw new SyntaxError(`${word[0]} is not read here`);
    if (word === "" || word === "~" || /^null$/i.test(word)) return null;
    if (/^true$/i.test(word)) return true;
    if (/^false$/i.test(word)) return false;
    return /^[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/.test(word) ? Number(word) : word;
  }
}
