// Error codes: what spec/openwop/errors.yaml says of each in a major is what the vector states.

import { same, that } from "../lib/expect.mjs";
import { specFile } from "../lib/spec.mjs";

export async function check(vector, file) {
  const found = /^codes-v([0-9]+)$/.exec(file);
  that(found, `no check for ${file}`);
  const [, major] = found;
  const { codes } = await specFile("errors.yaml");
  that(Object.hasOwn(codes, vector.code), `errors.yaml has no ${vector.code}`);
  const row = codes[vector.code];
  that(row.majors.includes(Number(major)), `errors.yaml has no ${vector.code} in major ${major}`);
  same(row.category ?? vector.code, vector.category, "the category");
  same(row.wait ?? false, vector.wait ?? false, "`wait`");
  // A member that a vector leaves out is not stated by it, whatever errors.yaml says.
  const { status, retryable } = vector;
  if (status !== undefined) same(row.status[`v${major}`], status, "the list of statuses");
  if (retryable !== undefined) same(row.retryable[`v${major}`], retryable, "`retryable`");
}
