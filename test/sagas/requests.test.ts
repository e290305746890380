import { expect, test, vi } from "vitest";
import { installTag } from "#resources/kinds/droplet-handle.ts";
import { pause, startStack, until } from "#test/stack.ts";
import { deploy, deployMany, ended, stepIs } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

/** What is usual at DigitalOcean, faster: looks every 5 s, droplets that boot for 45 s. */
const faster = (times: number) => ({
  timing: { poll: 5 / times, settle: 30 / times },
  simulator: { bootMs: 45_000 / times, lagMs: 1500 / times },
});

/** What a worker asks once when it starts: the account, regions, sizes, images. */
const atStart = 4;

test.for([
  [1, 15, 10],
  [10, 4, 10],
  [100, 2.6, 5],
] as const)(
  "%i deployments at once cost at most %d requests each",
  { timeout: 120_000 },
  async ([count, most, times]) => {
    await using stack = await startStack({ ...faster(times), workers: 2 });
    await until("the catalogue", async () => stack.truth().requests.by_route["GET /v2/images"]);
    await pause(200);
    const before = stack.truth().requests;
    const all = await deployMany(stack, count);
    for (const { sagaId } of all) expect((await ended(stack, sagaId)).status).toBe("completed");
    const { total, by_route: routes } = stack.truth().requests;
    const spent = total - before.total;
    console.log(`${count} deployments: ${spent} requests, ${(spent / count).toFixed(2)} each`, routes);
    expect(before.total).toBeLessThanOrEqual(2 * atStart);
    expect(spent / count).toBeLessThanOrEqual(most);
    expect(await stack.brokenInvariants()).toEqual([]);
  },
);

test("with 50 droplets booting, a look at the fleet is one request", async () => {
  await using stack = await startStack({ timing: { poll: 0.5 }, simulator: { bootMs: 600_000 } });
  const all = await deployMany(stack, 50);
  for (const { sagaId } of all) await stepIs(stack, sagaId, "wait_droplet_active", "waiting");
  const looks = () => stack.db.selectFrom("looks").select("pages").where("scope", "=", "fleet").execute();
  // The first come more rarely while creates still wait for room.
  const first = (await looks()).length;
  await until("looks at all of them", async () => (await looks()).length >= first + 2);
  const [before, looksBefore] = [stack.truth().requests.by_route, await looks()];
  await pause(5000);
  const [after, looksAfter] = [stack.truth().requests.by_route, await looks()];
  const asked = Object.fromEntries(
    Object.entries(after)
      .map(([route, times]) => [route, times - (before[route] ?? 0)])
      .filter(([, times]) => times !== 0),
  );
  const looked = looksAfter.length - looksBefore.length;
  expect(looked).toBeGreaterThanOrEqual(3);
  expect(Object.keys(asked)).toEqual(["GET /v2/droplets"]);
  // At either end of the time a look may have been asked for and not be recorded yet.
  expect(Math.abs((asked["GET /v2/droplets"] ?? 0) - looked)).toBeLessThanOrEqual(1);
});

test("with a fleet of two pages, one droplet is looked at by itself, unless it is missed", async () => {
  await using stack = await startStack({ timing: { poll: 0.4 }, simulator: { bootMs: 1200, calm: true } });
  const { id: install } = await stack.db.selectFrom("installation").select("id").executeTakeFirstOrThrow();
  const fleet = { region: "syd1", size: "s-1vcpu-512mb-10gb", image: "ubuntu-24-04-x64", tags: [installTag(install)] };
  for (let batch = 0; batch < 21; batch += 1)
    await stack.provider("POST", "/v2/droplets", { ...fleet, names: Array.from({ length: 10 }, (_, it) => `f-${it}`) });
  // A look tells how large the fleet is.
  await ended(stack, (await deploy(stack)).sagaId);
  const before = stack.truth().requests.by_route;
  await ended(stack, (await deploy(stack)).sagaId);
  const after = stack.truth().requests.by_route;
  expect(after["GET /v2/droplets"]).toBe(before["GET /v2/droplets"]);
  expect(after["GET /v2/droplets/{id}"]).toBeGreaterThan(before["GET /v2/droplets/{id}"] ?? 0);

  await stack.arm({ method: "POST", path: "^/v2/droplets$", kind: "placement_failure" });
  const failed = await ended(stack, (await deploy(stack)).sagaId);
  expect(failed).toMatchObject({ status: "rolled_back", error: { code: "placement_failed" } });
});
