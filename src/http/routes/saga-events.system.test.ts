import { expect, test } from "vitest";
import { type Api, deploymentOf, startApi } from "#test/api.ts";

/** The server on a port of its own, with a saga whose events the test writes. */
async function startWithSaga(changes: Parameters<typeof startApi>[0] = {}) {
  const wakes = new Set<() => void>();
  const subscribe = (_: string, wake: () => void) => {
    wakes.add(wake);
    return () => wakes.delete(wake);
  };
  const api = await startApi({ feed: { subscribe }, ...changes });
  const base = await api.app.listen({ host: "127.0.0.1", port: 0 });
  const tenant = await api.newTenant("acme");
  const { body } = await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { provision: true }));
  const sagaId: string = body.saga.id;
  const open = (headers: Record<string, string> = {}, token = api.admin.secret) =>
    fetch(`${base}/v1/sagas/${sagaId}/events`, { headers: { authorization: `Bearer ${token}`, ...headers } });
  return { api, sagaId, open, ring: () => wakes.forEach((wake) => wake()), listeners: () => wakes.size };
}

async function addEvents(api: Api, sagaId: string, from: number, to: number, status = "running") {
  const rows = Array.from({ length: to - from + 1 }, (_, index) => ({
    saga_id: sagaId,
    sequence: from + index,
    at: new Date(),
    type: "step" as const,
    data: JSON.stringify({ name: "create_droplet", status: "running" }),
  }));
  await api.db.transaction().execute(async (tx) => {
    await tx.insertInto("saga_log").values(rows).execute();
    await tx
      .updateTable("sagas")
      .set({ status: status as "running" })
      .where("id", "=", sagaId)
      .execute();
  });
}

/** Reads a stream until `enough` of it has come, or it ends. */
async function read(response: Response, enough: (text: string) => boolean = () => false) {
  let text = "";
  const decoder = new TextDecoder();
  if (!response.body) throw new Error("no body");
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    if (enough(text)) break;
  }
  return text;
}

const idsIn = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
const upTo = (sequence: number) => (text: string) => text.includes(`id: ${sequence}\n`);

test("what is there comes at once, what happens comes live, and the stream ends with the saga", async () => {
  const { api, sagaId, open, ring } = await startWithSaga();
  await using _ = api;
  const response = await open();
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const reading = read(response);
  await addEvents(api, sagaId, 2, 3);
  ring();
  await addEvents(api, sagaId, 4, 1200);
  await addEvents(api, sagaId, 1201, 1201, "rolled_back");
  ring();
  const text = await reading;
  expect(idsIn(text)).toEqual(Array.from({ length: 1201 }, (__, index) => index + 1));
  expect(text).toMatch(/id: 2\nevent: step\ndata: \{.*"name":"create_droplet".*\}\n\n/);
  const data = JSON.parse(/id: 2\nevent: step\ndata: (.*)\n/.exec(text)?.[1] ?? "");
  expect(data).toMatchObject({ saga_id: sagaId, sequence: 2, type: "step", name: "create_droplet", status: "running" });
  expect(text.endsWith(": the saga has ended\n\n")).toBe(true);
});

test("a reader that comes back with Last-Event-ID misses nothing and gets nothing twice", async () => {
  const { api, sagaId, open } = await startWithSaga();
  await using _ = api;
  await addEvents(api, sagaId, 2, 10);
  const first = idsIn(await read(await open(), upTo(4)));
  await addEvents(api, sagaId, 11, 12, "completed");
  const last = first.at(-1) ?? 0;
  const rest = idsIn(await read(await open({ "last-event-id": `${last}` })));
  expect([...first, ...rest]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect((await open({ "last-event-id": "nonsense" })).status).toBe(422);
});

test("a lost notification delays an event, no more", async () => {
  const { api, sagaId, open } = await startWithSaga();
  await using _ = api;
  const reading = read(await open(), upTo(2));
  await addEvents(api, sagaId, 2, 2);
  expect(idsIn(await reading)).toEqual([1, 2]);
});

test("a revoked token's stream ends", async () => {
  const { api, open } = await startWithSaga();
  await using _ = api;
  const viewer = await api.newToken("viewer");
  const reading = read(await open({}, viewer.secret));
  await api.call("DELETE", `/v1/tokens/${viewer.id}`);
  expect(await reading).toContain(": the token is no longer valid");
});

test("streams are capped per token, and a reader that leaves gives its place back", async () => {
  const { api, open, listeners } = await startWithSaga({ streamsPerToken: 2 });
  await using _ = api;
  const viewer = await api.newToken("viewer");
  const streams = [await open({}, viewer.secret), await open({}, viewer.secret)];
  const refused = await open({}, viewer.secret);
  expect([refused.status, (await refused.json()).code]).toEqual([429, "too_many_streams"]);
  expect((await open()).status).toBe(200);

  await streams[0]?.body?.cancel();
  await expect.poll(async () => (await open({}, viewer.secret)).status, { timeout: 5000 }).toBe(200);
  await expect.poll(listeners, { timeout: 5000 }).toBe(3);
});

test("closing the server ends its streams at once", async () => {
  const { api, open } = await startWithSaga();
  await using _ = api;
  const reading = read(await open());
  const begun = performance.now();
  await api.app.close();
  expect(await reading).toContain(": connected");
  expect(performance.now() - begun).toBeLessThan(1500);
});
