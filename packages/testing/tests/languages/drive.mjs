// Drives a served fake host with nothing but Node: node drive.mjs URL KEY
// It scripts a workflow, follows its stream, decides, and proves that a retry keeps its key.

import assert from "node:assert/strict";

const [url, key] = process.argv.slice(2);
const auth = { authorization: `Bearer ${key}`, "openwop-version": "2.0" };

async function ask(method, path, body, headers = {}) {
  const answer = await fetch(url + path, {
    method,
    headers: { ...auth, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  const isJson = (answer.headers.get("content-type") ?? "").includes("application/json");
  return { status: answer.status, headers: answer.headers, json: isJson && text ? JSON.parse(text) : null };
}

const workflow = {
  id: "release",
  name: "Release",
  version: "1.0",
  nodes: [
    { id: "gate", typeId: "core.approvalGate", name: "Gate", position: { x: 0, y: 0 }, config: { title: "Ship it?" }, inputs: {} },
    { id: "ship", typeId: "core.noop", name: "Ship", position: { x: 1, y: 0 }, config: {}, inputs: {} },
  ],
  edges: [{ id: "e1", sourceNodeId: "gate", targetNodeId: "ship" }],
  triggers: [],
  variables: [],
  metadata: {},
  settings: {},
};
assert.equal((await ask("POST", "/_fake/workflows", workflow)).status, 201);
await ask("POST", "/_fake/faults", { kind: "fail", operationId: "createRun", status: 503, retryAfter: 0 });

const idempotency = { "idempotency-key": crypto.randomUUID() };
const refused = await ask("POST", "/runs", { workflowId: "release" }, idempotency);
assert.equal(refused.status, 503);
const created = await ask("POST", "/runs", { workflowId: "release" }, idempotency);
assert.equal(created.status, 201);
const again = await ask("POST", "/runs", { workflowId: "release" }, idempotency);
assert.equal(again.json.runId, created.json.runId);
assert.equal(again.headers.get("openwop-idempotent-replay"), "true");

const stream = await fetch(url + created.json.eventsUrl, { headers: auth });
const seen = [];
let buffered = "";
for await (const part of stream.body.pipeThrough(new TextDecoderStream())) {
  buffered += part;
  const blocks = buffered.split("\n\n");
  buffered = blocks.pop();
  for (const block of blocks) {
    const data = block.split("\n").find((line) => line.startsWith("data: "));
    if (!data) continue;
    const event = JSON.parse(data.slice(6));
    seen.push(event.type);
    if (event.type === "interrupt.requested") {
      const path = created.json.statusUrl + "/interrupts/gate";
      const decided = await ask("POST", path, { resumeValue: { action: "accept" } });
      assert.equal(decided.status, 200);
    }
  }
}
assert.equal(seen[0], "run.started");
assert.equal(seen.at(-1), "run.completed");

// A delay of a minute is over as soon as the clock is told to go on.
const slow = { ...workflow, id: "slow", edges: [] };
slow.nodes = [{ ...workflow.nodes[1], id: "wait", typeId: "core.delay", config: { delayMs: 60_000 } }];
await ask("POST", "/_fake/workflows", slow);
const waiting = (await ask("POST", "/runs", { workflowId: "slow" })).json.statusUrl;
assert.equal((await ask("GET", waiting)).json.status, "running");
await ask("POST", "/_fake/clock/advance", { seconds: 60 });
assert.equal((await ask("GET", waiting)).json.status, "completed");

const { json } = await ask("GET", "/_fake/calls");
const posts = json.calls.filter((call) => call.operationId === "createRun");
assert.equal(posts.length, 4);
assert.equal(new Set(posts.slice(0, 3).map((call) => call.idempotencyKey)).size, 1);
assert.equal((await ask("POST", "/_fake/verify", {})).status, 200);
console.log(`ok ${seen.length} events`);
