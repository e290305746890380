import { expect, test } from "vitest";
import { createManualClock } from "#test/manual-clock.ts";
import { smallDroplet } from "#test/test-simulator.ts";
import { simulatorFetch } from "./in-process.ts";
import { createSimulator } from "./simulator.ts";

const headers = { authorization: "Bearer token-of-the-test" };

test("without a socket and on a clock of the caller, the same calls give the same account", async () => {
  const clock = createManualClock();
  const simulator = createSimulator({ seed: 1, clock, bootMs: 60_000 });
  const call = simulatorFetch(simulator);
  const made = await call("http://simulator/v2/droplets", {
    method: "POST",
    headers,
    body: JSON.stringify(smallDroplet),
  });
  expect(made.status).toBe(202);
  clock.advance(60_000);
  const listed = await (await call("http://simulator/v2/droplets?per_page=1", { headers })).json();
  expect(listed).toMatchObject({ droplets: [{ status: "active" }], meta: { total: 1 } });
  expect(simulator.state().requests.total).toBe(2);
});

test("a reset rejects as fetch does, and a hang lasts until the caller gives up", async () => {
  const call = simulatorFetch(createSimulator({ clock: createManualClock() }));
  const arm = (kind: string): Promise<Response> =>
    call("http://simulator/_sim/faults", {
      method: "POST",
      body: JSON.stringify({ method: "GET", path: "account", kind }),
    });
  await arm("reset");
  await arm("hang");
  await expect(call("http://simulator/v2/account", { headers })).rejects.toThrow(TypeError);
  const patience = AbortSignal.timeout(50);
  await expect(call("http://simulator/v2/account", { headers, signal: patience })).rejects.toThrow(
    "aborted due to timeout",
  );
  expect((await call("http://simulator/v2/account", { headers })).status).toBe(200);
});
