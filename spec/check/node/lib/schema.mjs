// The JSON Schema of spec/openwop/events.yaml, with the extensions that say what each major allows.

/** A value that does not keep a schema; `path` is the place of the first deviation. */
export class Deviation extends Error {
  constructor(path) {
    super(`a deviation at ${path}`);
    this.path = path;
  }
}

const KINDS = {
  string: (value) => typeof value === "string",
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  object: (value) => isObject(value),
  array: (value) => Array.isArray(value),
  null: (value) => value === null,
};

export const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const join = (path, name) => (path === "" ? name : `${path}.${name}`);
const equal = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export class Schemas {
  #root;

  constructor(root) {
    this.#root = root;
  }

  /** Return a schema with what it refers to beneath what stands beside the reference. */
  resolve(schema) {
    if (schema.$ref === undefined) return schema;
    const { $ref: reference, ...beside } = schema;
    const target = reference.replace(/^#\//, "").split("/").reduce((node, name) => node[name], this.#root);
    return { ...this.resolve(target), ...beside };
  }

  #kinds(schema, value, path) {
    const kinds = [schema.type ?? []].flat();
    if (kinds.length > 0 && !kinds.some((kind) => KINDS[kind](value))) throw new Deviation(path);
  }

  /** Return what a tolerant reader keeps of *value*: the kinds of known members count, null is absent. */
  read(written, value, path = "") {
    const schema = this.resolve(written);
    this.#kinds(schema, value, path);
    if (Array.isArray(value)) {
      return schema.items ? value.map((item, index) => this.read(schema.items, item, `${path}[${index}]`)) : value;
    }
    if (!isObject(value)) return value;
    const kept = {};
    for (const [name, member] of Object.entries(value)) {
      const others = isObject(schema.additionalProperties) ? schema.additionalProperties : undefined;
      const inner = Object.hasOwn(schema.properties ?? {}, name) ? schema.properties[name] : others;
      if (inner === undefined) {
        kept[name] = member;
      } else if (member !== null) {
        kept[name] = this.read(inner, member, join(path, name));
      } else if (this.#nullCounts(inner)) {
        kept[name] = null;
      }
    }
    return kept;
  }

  #nullCounts(written) {
    const schema = this.resolve(written);
    return schema["x-openwop-nullable-meaning"] !== undefined;
  }

  /** Throw the first deviation of *value* from what *major* allows. */
  check(written, value, major, path = "") {
    const schema = this.#forMajor(this.resolve(written), major);
    this.#kinds(schema, value, path);
    if ("const" in schema && !equal(value, schema.const)) throw new Deviation(path);
    if (schema.enum && !schema.enum.some((member) => equal(value, member))) throw new Deviation(path);
    this.#choices(schema, value, major, path);
    if (typeof value === "string") this.#text(schema, value, path);
    else if (typeof value === "number") this.#number(schema, value, path);
    else if (Array.isArray(value)) this.#array(schema, value, major, path);
    else if (isObject(value)) this.#object(schema, value, major, path);
  }

  #forMajor(schema, major) {
    const own = `x-openwop-v${major}`;
    const made = { ...schema, ...schema[own] };
    const known = ([, member]) => member?.["x-openwop-majors"]?.includes(major) ?? true;
    const gone = new Set(Object.entries(made.properties ?? {}).filter((entry) => !known(entry)).map(([name]) => name));
    if (made.properties) made.properties = Object.fromEntries(Object.entries(made.properties).filter(known));
    made.required = [...(made.required ?? []), ...(made[`${own}-required`] ?? [])].filter((name) => !gone.has(name));
    made.closed = made.additionalProperties === false || made[`${own}-closed`] === true;
    made.carries = made[`${own}-carries`] === true;
    return made;
  }

  #fits(schema, value, major, path) {
    try {
      this.check(schema, value, major, path);
      return true;
    } catch (error) {
      if (error instanceof Deviation) return false;
      throw error;
    }
  }

  #choices(schema, value, major, path) {
    const fitting = (choices) => choices.filter((inner) => this.#fits(inner, value, major, path)).length;
    if (schema.anyOf && fitting(schema.anyOf) === 0) throw new Deviation(path);
    if (schema.oneOf && fitting(schema.oneOf) !== 1) throw new Deviation(path);
    for (const inner of schema.allOf ?? []) this.check(inner, value, major, path);
    if (schema.if && this.#fits(schema.if, value, major, path)) this.check(schema.then, value, major, path);
  }

  #text(schema, value, path) {
    const { length } = [...value];
    const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
    if (
      length < (schema.minLength ?? 0) ||
      length > (schema.maxLength ?? Infinity) ||
      (schema.pattern && !new RegExp(schema.pattern, "u").test(value)) ||
      (schema.format === "date-time" && (!isTime.test(value) || Number.isNaN(Date.parse(value))))
    ) {
      throw new Deviation(path);
    }
  }

  #number(schema, value, path) {
    if (value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity)) throw new Deviation(path);
  }

  #array(schema, value, major, path) {
    if (value.length < (schema.minItems ?? 0)) throw new Deviation(path);
    if (schema.items) {
      for (const [index, item] of value.entries()) this.check(schema.items, item, major, `${path}[${index}]`);
    }
    const texts = value.map((item) => JSON.stringify(item));
    if (schema.uniqueItems && new Set(texts).size < texts.length) throw new Deviation(path);
  }

  #object(schema, value, major, path) {
    for (const name of schema.required) {
      if (!Object.hasOwn(value, name)) throw new Deviation(join(path, name));
    }
    for (const [name, member] of Object.entries(value)) {
      const place = join(path, name);
      if (Object.hasOwn(schema.properties ?? {}, name)) {
        this.check(schema.properties[name], member, major, place);
      } else if (isObject(schema.additionalProperties)) {
        this.check(schema.additionalProperties, member, major, place);
      } else if (schema.closed && !(schema.carries && /^(openwop-|x-|vendor\.)/.test(name))) {
        throw new Deviation(place);
      }
    }
  }
}
