import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { openFakeApi, sendJson } from "#test/fake-api.ts";

const id = "0199e000-0000-7000-8000-000000000001";
const events = `GET /v1/sagas/${id}/events`;
const at = "2026-11-22T12:00:00.000Z";

const saga = (status: string) => ({
  id,
  name: "provision_droplet",
  status,
  direction: "forward",
  deployment_id: null,
  tenant_id: null,
  provider_id: null,
  waiting_for: null,
  error: status === "rolled_back" ? { code: "placement_failed", message: "there was no room" } : null,
  stuck_error: null,
  leaves: null,
  cancel_requested_at: null,
  cancel_reason: null,
  resolution: null,
  created_at: at,
  started_at: at,
  finished_at: null,
  steps: [],
});

type Told = readonly [sequence: number, data: object];
const running: Told = [1, { status: "running" }];

function stream(response: ServerResponse, told: readonly Told[]): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const [sequence, data] of told)
    response.write(
      `id: ${sequence}\ndata: ${JSON.stringify({ saga_id: id, sequence, at, type: "saga", ...data })}\n\n`,
    );
}

test("a dropped stream is taken up after the last event, and each event is told once", async () => {
  const api = await openFakeApi({
    [`GET /v1/sagas/${id}`]: (_, response, call) => sendJson(response, 200, saga(call < 2 ? "running" : "completed")),
    [events]: (_, response, call) => {
      const again: Told[] = [
        [2, { type: "step", name: "create_droplet", status: "completed" }],
        [3, { status: "completed" }],
      ];
      stream(response, call === 1 ? [running] : [running, ...again]);
      if (call === 1) setTimeout(() => response.destroy(), 50);
    },
  });
  const exit = await api.run(["sagas", "watch", id]);
  const { stdout, stderr } = await api.close();
  expect(stdout.trimEnd().split("\n")).toEqual([
    `${at} saga provision_droplet running`,
    `${at} step create_droplet completed`,
    `${at} saga provision_droplet completed after 0.0 s`,
    "provision_droplet completed",
  ]);
  expect(stderr).toContain("the saga goes on, connecting again");
  expect(api.calls.filter((it) => it.route === events).map((it) => it.headers["last-event-id"])).toEqual(["0", "1"]);
  expect(exit).toBe(0);
});

test("an end in the history of a saga that was retried is not its end", async () => {
  const api = await openFakeApi({
    [`GET /v1/sagas/${id}`]: (_, response, call) => sendJson(response, 200, saga(call < 3 ? "running" : "completed")),
    [events]: (_, response, call) =>
      stream(response, call === 1 ? [[1, { status: "stuck" }]] : [[2, { status: "completed" }]]),
  });
  expect(await api.run(["sagas", "watch", id, "--json"])).toBe(0);
  const { stdout, stderr } = await api.close();
  expect(JSON.parse(stdout)).toMatchObject({ id, status: "completed" });
  expect(stderr).toContain("saga provision_droplet stuck");
});

test("a saga that was rolled back is a failure that says why", async () => {
  const api = await openFakeApi({
    [`GET /v1/sagas/${id}`]: (_, response) => sendJson(response, 200, saga("rolled_back")),
    [events]: (_, response) => stream(response, [[1, { status: "rolled_back" }]]),
  });
  expect(await api.run(["sagas", "watch", id])).toBe(1);
  expect((await api.close()).stderr).toContain("Rolled back: there was no room");
});

test("a saga that is stuck says what on, why it turned back, and what it leaves", async () => {
  const it = {
    ...saga("stuck"),
    direction: "back",
    error: { code: "invalid", message: "the zone refused" },
    stuck_error: { code: "forbidden", message: "no entry", step: "create_droplet" },
    leaves: { droplets: [{ provider_id: 7, name: "app-7" }], dns_records: [{ id: null, name: "app.b.c", type: "A" }] },
  };
  const api = await openFakeApi({
    [`GET /v1/sagas/${id}`]: (_, response) => sendJson(response, 200, it),
    [events]: (_, response) => stream(response, [[1, { status: "stuck" }]]),
  });
  expect(await api.run(["sagas", "watch", id])).toBe(1);
  expect(await api.run(["sagas", "get", id])).toBe(0);
  const { stdout, stderr } = await api.close();
  const left = "droplet 7 (app-7), DNS record of unknown id (app.b.c A)";
  expect(stderr).toContain(
    `Stuck: no entry. It was rolling back because: the zone refused. It leaves ${left}. Mend the cause and run`,
  );
  expect(stdout).toMatch(/error +invalid: the zone refused\nstuck on +create_droplet: forbidden: no entry\n/);
  expect(stdout).toContain(`leaves       ${left}`);
});

test("a token that is revoked meanwhile ends the watch", async () => {
  const refused = {
    type: "about:blank",
    title: "The token was revoked",
    status: 401,
    code: "revoked_token",
    detail: "",
    errors: [],
  };
  const api = await openFakeApi({
    [`GET /v1/sagas/${id}`]: (_, response) => sendJson(response, 200, saga("running")),
    [events]: (_, response) => sendJson(response, 401, refused),
  });
  expect(await api.run(["sagas", "watch", id])).toBe(3);
  expect((await api.close()).stderr).toContain(
    "The token was revoked (401 revoked_token). The token is ARCADIA_API_TOKEN",
  );
});
