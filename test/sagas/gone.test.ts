import { describe, expect, test, vi } from "vitest";
import { pause, type Stack, startStack, until, zone } from "#test/stack.ts";
import { deleteDeployment, deploy, type Deployed, deploymentOf, ended, sagaOf } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const parking = "192.0.2.1";
const timing = { gone: 1.5 };

/** Deployments that are active and old enough for every look to show them. */
async function active(stack: Stack, count: number): Promise<Deployed[]> {
  const all = await Promise.all(Array.from({ length: count }, () => deploy(stack)));
  for (const { sagaId } of all) expect((await ended(stack, sagaId)).status).toBe("completed");
  await pause(1300);
  await sync(stack);
  await pause(300);
  return all;
}

/** A look at the account: as cron asks for it, and has ended. */
async function sync(stack: Stack): Promise<void> {
  const before = await looks(stack);
  await stack.requestChore("sync");
  await until("a look at the account", async () => (await looks(stack)) > before);
}
const looks = async (stack: Stack): Promise<number> =>
  (await stack.db.selectFrom("looks").select("id").where("scope", "=", "account").execute()).length;

/** What cron does each minute, as often as it takes. */
const following = <T>(stack: Stack, what: string, ask: () => Promise<T | undefined | false | null>): Promise<T> =>
  until(what, async () => {
    await stack.requestChore("absences");
    await pause(150);
    return ask();
  });

const dropletOf = async (stack: Stack, { id }: Deployed) =>
  stack.db
    .selectFrom("cloud_resources")
    .select(["provider_id", "public_ipv4"])
    .where("deployment_id", "=", id)
    .executeTakeFirstOrThrow();
const recordOf = (stack: Stack, { hostname }: Deployed) =>
  stack
    .truth()
    .domains.find(({ name }) => name === zone)
    ?.records.find((it) => `${it.name}.${zone}` === hostname && it.type === "A");
const conditionsOf = (stack: Stack, { id }: Deployed) =>
  stack.db
    .selectFrom("deployment_conditions")
    .selectAll()
    .where("deployment_id", "=", id)
    .where("raised_at", "is not", null)
    .where("cleared_at", "is", null)
    .execute();
const absences = (stack: Stack) => stack.db.selectFrom("droplet_absences").selectAll().execute();
const problems = (stack: Stack) => stack.db.selectFrom("problems").selectAll().execute();
const parkings = (stack: Stack) =>
  stack.db.selectFrom("sagas").selectAll().where("name", "=", "park_deployment").execute();
const messages = async (stack: Stack, type: string) =>
  (await stack.db.selectFrom("webhook_messages").select("data").where("type", "=", type).orderBy("at").execute()).map(
    ({ data }) => data as Record<string, unknown>,
  );

/** Somebody who is told, so that messages are written. */
const subscribe = (stack: Stack) =>
  stack.db
    .insertInto("webhooks")
    .values({
      id: stack.ids.uuid(),
      url: "https://hooks.example.com/",
      events: ["*"],
      secret: stack.secrets.seal("whsec_c2VjcmV0c2VjcmV0c2VjcmV0", "nobody"),
      created_at: stack.clock.now(),
      updated_at: stack.clock.now(),
    })
    .execute();

/** The provider shows none of these, in lists or by id, until it is disarmed. */
async function hide(stack: Stack, hidden: readonly number[]): Promise<void> {
  const answer = await stack.provider("GET", "/v2/droplets?per_page=200");
  const { droplets } = (await answer.json()) as { droplets: { id: number }[] };
  const shown = droplets.filter(({ id }) => !hidden.includes(id));
  const body = { droplets: shown, links: {}, meta: { total: shown.length } };
  await stack.arm({ method: "GET", path: "^/v2/droplets$", kind: "status", status: 200, body, times: 1_000_000 });
  for (const id of hidden) {
    const gone = { id: "not_found", message: "The resource you were accessing could not be found." };
    await stack.arm({
      method: "GET",
      path: `^/v2/droplets/${id}$`,
      kind: "status",
      status: 404,
      body: gone,
      times: 1_000_000,
    });
  }
}

describe.concurrent("a droplet that somebody destroyed", () => {
  test("is proven gone, its record is parked in place, and its removal leaves nothing", async () => {
    await using stack = await startStack({ timing });
    await subscribe(stack);
    const [gone, other] = (await active(stack, 2)) as [Deployed, Deployed];
    const { provider_id: id, public_ipv4: address } = await dropletOf(stack, gone);
    const before = recordOf(stack, gone);
    expect(before?.data).toBe(address);
    await stack.provider("DELETE", `/v2/droplets/${id}`);
    await pause(400);
    const destroyedAt = Date.now();
    await sync(stack);
    await following(stack, "the record to be parked", async () => recordOf(stack, gone)?.data === parking);
    expect(Date.now() - destroyedAt).toBeGreaterThan(1500);
    expect(recordOf(stack, gone)).toMatchObject({ id: before?.id, data: parking, ttl: 60 });
    expect(recordOf(stack, other)?.data).not.toBe(parking);
    const [saga] = await parkings(stack);
    expect((await ended(stack, saga?.id ?? "")).status).toBe("completed");
    const [condition, ...more] = await conditionsOf(stack, gone);
    expect(more).toEqual([]);
    expect(condition).toMatchObject({ code: "droplet_gone", message: expect.stringContaining(parking) });
    expect(await conditionsOf(stack, other)).toEqual([]);
    expect(await messages(stack, "deployment.degraded")).toEqual([
      expect.objectContaining({
        hostname: gone.hostname,
        conditions: [expect.objectContaining({ code: "droplet_gone" })],
      }),
    ]);
    expect((await deploymentOf(stack, gone.id)).status).toBe("active");
    // A second time nothing is started.
    await stack.requestChore("absences");
    await pause(500);
    expect(await parkings(stack)).toHaveLength(1);

    await deleteDeployment(stack, gone.id);
    const removal = (await deploymentOf(stack, gone.id)).saga_id ?? "";
    expect((await ended(stack, removal)).status).toBe("completed");
    expect(recordOf(stack, gone)).toBeUndefined();
    expect(await absences(stack)).toEqual([]);
    expect(await conditionsOf(stack, gone)).toEqual([]);
    expect(await messages(stack, "deployment.recovered")).toEqual([]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("by itself alone is believed when our tag carries nothing any more", async () => {
    await using stack = await startStack({ timing });
    const [gone] = (await active(stack, 1)) as [Deployed];
    await stack.provider("DELETE", `/v2/droplets/${(await dropletOf(stack, gone)).provider_id}`);
    await pause(400);
    await sync(stack);
    await following(stack, "the record to be parked", async () => recordOf(stack, gone)?.data === parking);
  });

  test("is not parked where somebody has changed the record, which is left to them", async () => {
    await using stack = await startStack({ timing });
    const [gone] = (await active(stack, 2)) as [Deployed, Deployed];
    const record = recordOf(stack, gone);
    const theirs = { type: "A", name: record?.name, data: "203.0.113.9", ttl: 300 };
    await stack.provider("PUT", `/v2/domains/${zone}/records/${record?.id}`, theirs);
    await stack.provider("DELETE", `/v2/droplets/${(await dropletOf(stack, gone)).provider_id}`);
    await pause(400);
    await sync(stack);
    await following(stack, "what became of the record", async () => (await absences(stack))[0]?.dns === "left");
    expect(recordOf(stack, gone)?.data).toBe("203.0.113.9");
    expect((await conditionsOf(stack, gone)).map(({ code }) => code)).toEqual(["droplet_gone"]);
  });
});

describe.concurrent("a provider that lies", () => {
  test("about one droplet, for less than it takes, takes nobody's DNS down", async () => {
    await using stack = await startStack({ timing: { gone: 6 } });
    const [hidden] = (await active(stack, 2)) as [Deployed, Deployed];
    const { provider_id: id, public_ipv4: address } = await dropletOf(stack, hidden);
    await hide(stack, [id]);
    await sync(stack);
    await until("the suspicion", async () => (await absences(stack))[0]?.looks);
    await pause(2000);
    await stack.disarm();
    await following(stack, "the end of the suspicion", async () => (await absences(stack)).length === 0);
    expect(await parkings(stack)).toEqual([]);
    expect(recordOf(stack, hidden)?.data).toBe(address);
    expect(await conditionsOf(stack, hidden)).toEqual([]);
  });

  test("about one droplet for longer: its record comes back by itself, and nothing is destroyed", async () => {
    await using stack = await startStack({ timing });
    await subscribe(stack);
    const [hidden] = (await active(stack, 2)) as [Deployed, Deployed];
    const { provider_id: id, public_ipv4: address } = await dropletOf(stack, hidden);
    const before = recordOf(stack, hidden);
    await hide(stack, [id]);
    await sync(stack);
    await following(stack, "the record to be parked", async () => recordOf(stack, hidden)?.data === parking);
    const [saga] = await parkings(stack);
    await ended(stack, saga?.id ?? "");
    await stack.disarm();
    await pause(1300);
    await sync(stack);
    await following(stack, "the record to be back", async () => recordOf(stack, hidden)?.data === address);
    await until("the end of the condition", async () => (await conditionsOf(stack, hidden)).length === 0);
    expect(recordOf(stack, hidden)).toEqual(before);
    expect(await absences(stack)).toEqual([]);
    expect(await messages(stack, "deployment.recovered")).toEqual([
      expect.objectContaining({ hostname: hidden.hostname, conditions: [] }),
    ]);
    expect(stack.truth().droplets.map((it) => it.id)).toContain(id);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("about all of a region: nothing is touched, and a human is called", async () => {
    await using stack = await startStack({ timing });
    await subscribe(stack);
    const all = await active(stack, 4);
    const droplets = await Promise.all(all.map((it) => dropletOf(stack, it)));
    await hide(
      stack,
      droplets.map((it) => it.provider_id),
    );
    await sync(stack);
    const [problem] = await following(stack, "the problem", async () => {
      const found = await problems(stack);
      return found.length > 0 && found;
    });
    expect(problem).toMatchObject({ code: "mass_disappearance", message: expect.stringContaining("4 of 4") });
    // However long it goes on.
    await pause(2500);
    for (let round = 0; round < 3; round += 1) {
      await sync(stack);
      await stack.requestChore("absences");
      await pause(1200);
    }
    expect(await parkings(stack)).toEqual([]);
    for (const [index, it] of all.entries()) {
      expect(recordOf(stack, it)?.data).toBe(droplets[index]?.public_ipv4);
      expect((await conditionsOf(stack, it)).map(({ code }) => code)).toEqual(["droplet_gone"]);
    }
    await stack.disarm();
    await sync(stack);
    await until("the end of the problem", async () => (await problems(stack)).length === 0);
    for (const it of all) expect(await conditionsOf(stack, it)).toEqual([]);
    expect(await messages(stack, "problem.raised")).toEqual([expect.objectContaining({ code: "mass_disappearance" })]);
    expect(await messages(stack, "problem.solved")).toHaveLength(1);
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

test("what was changed by hand is drift, what is off is told, and both are over when they are", async () => {
  await using stack = await startStack({ timing });
  await subscribe(stack);
  const [it] = (await active(stack, 1)) as [Deployed];
  const { provider_id: id, public_ipv4: address } = await dropletOf(stack, it);
  const act = (action: object) => stack.provider("POST", `/v2/droplets/${id}/actions`, action);
  await act({ type: "power_off" });
  await until("it to be off", async () => stack.truth().droplets[0]?.status === "off");
  await sync(stack);
  await pause(300);
  expect(await conditionsOf(stack, it)).toEqual([]);
  await act({ type: "rename", name: "renamed-by-hand" });
  await pause(500);
  await sync(stack);
  await until("what is off", async () => (await conditionsOf(stack, it)).some(({ code }) => code === "droplet_off"));
  await pause(300);
  await sync(stack);
  const both = await until("both", async () => {
    const found = await conditionsOf(stack, it);
    return found.length === 2 && found;
  });
  expect(both.find(({ code }) => code === "drift")?.message).toContain("its name is renamed-by-hand, wanted is");
  // A zone that is read for another deployment shows what was changed there.
  const record = recordOf(stack, it);
  const theirs = { type: "A", name: record?.name, data: "203.0.113.9", ttl: 300 };
  await stack.provider("PUT", `/v2/domains/${zone}/records/${record?.id}`, theirs);
  await ended(stack, (await deploy(stack)).sagaId);
  await pause(300);
  await ended(stack, (await deploy(stack)).sagaId);
  const ofDns = await until("what the zone shows", async () =>
    (await conditionsOf(stack, it)).find(({ source }) => source === "dns"),
  );
  expect(ofDns).toMatchObject({
    code: "drift",
    message: `At ${it.hostname} our record ${record?.id} leads to 203.0.113.9, wanted is ${address}`,
  });
  await act({ type: "power_on" });
  await until("it to be on", async () => stack.truth().droplets[0]?.status === "active");
  await act({ type: "rename", name: (await nameOf(stack, id)) ?? "" });
  await pause(800);
  await sync(stack);
  await until("only the record", async () => (await conditionsOf(stack, it)).length === 1);
  expect((await sagaOf(stack, it.sagaId)).status).toBe("completed");
});

/** The name that it was made under. */
const nameOf = async (stack: Stack, id: number): Promise<string | undefined> =>
  (
    (
      await stack.db
        .selectFrom("provider_resources")
        .select("handle")
        .where("kind", "=", "droplet")
        .where("provider_id", "=", String(id))
        .executeTakeFirst()
    )?.handle as { name?: string } | undefined
  )?.name;
