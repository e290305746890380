import { expect, test, vi } from "vitest";
import { startStack, until } from "#test/stack.ts";
import { deploy, ended, holdAt, stepIs } from "#test/stack-deployments.ts";

vi.setConfig({ testTimeout: 180_000 });

test.for([
  ["the older record of another installation has been there all along: ours gives way", true],
  ["ours is the older one: it stays", false],
] as const)("two that point a hostname at the same moment: %s", async ([, isOlder]) => {
  await using stack = await startStack({ workers: 0, timing: { poll: 0.2 }, simulator: { calm: true } });
  const release = await holdAt(stack, "activate_deployment");
  const theirs = () =>
    stack.provider("POST", "/v2/domains/example.com/records", {
      type: "A",
      name: "app",
      data: "203.0.113.9",
      ttl: 300,
    });
  if (isOlder) await theirs();
  // Each has looked before the other's record could be seen.
  const none = { domain_records: [], links: {}, meta: { total: 0 } };
  await stack.arm({ method: "GET", path: "/records$", kind: "status", status: 200, body: none, times: 100 });
  const worker = await stack.addWorker();
  const { sagaId } = await deploy(stack, { hostname: "app.example.com" });
  await stepIs(stack, sagaId, "activate_deployment", "running");
  await worker.stop();
  if (!isOlder) await theirs();
  await stack.disarm();
  const shownAgain = new Date();
  await release();
  // Somebody else reads the zone.
  await stack.addWorker();
  const other = await deploy(stack);
  await until("a look at the zone as it is", async () => {
    const looks = await stack.db.selectFrom("zone_listings").select("begun_at").execute();
    return looks.some(({ begun_at }) => begun_at && begun_at > shownAgain);
  });
  await stack.takeOver(sagaId);
  const saga = await ended(stack, sagaId);
  await ended(stack, other.sagaId);
  const left = stack.truth().domains[0]?.records.filter(({ type, name }) => type === "A" && name === "app") ?? [];
  if (isOlder) {
    expect(saga).toMatchObject({ status: "rolled_back", error: { code: "dns_conflict", step: "activate_deployment" } });
    expect(left).toMatchObject([{ data: "203.0.113.9" }]);
  } else {
    expect(saga.status).toBe("completed");
    expect(left).toHaveLength(2);
  }
});
