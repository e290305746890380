import { describe, expect, test, vi } from "vitest";
import { handleOf, tagsOf } from "#resources/kinds/droplet-handle.ts";
import { type Stack, pause, startStack, until } from "#test/stack.ts";
import { cancelDeployment, deploy, deploymentOf, ended, resourceOf, spec, stepIs } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const lists = { method: "GET", path: "^/v2/droplets$", kind: "status" };
const wish = { region: spec.region, size: spec.size_slug, image: spec.image };

async function makeByHand(stack: Stack, name: string, sagaId: string): Promise<number> {
  const { id } = await stack.db.selectFrom("installation").select("id").executeTakeFirstOrThrow();
  const answer = await stack.provider("POST", "/v2/droplets", { ...wish, name, tags: tagsOf(sagaId, id) });
  return ((await answer.json()) as { droplet: { id: number } }).droplet.id;
}

const accountLooks = (stack: Stack) =>
  stack.db.selectFrom("looks").selectAll().where("scope", "=", "account").orderBy("begun_at").execute();

/** A sync that began after this call has read the whole account. */
async function synced(stack: Stack): Promise<void> {
  const asked = Date.now();
  await stack.requestChore("sync");
  await until("a look at the account", async () =>
    (await accountLooks(stack)).some(({ begun_at }) => begun_at.getTime() >= asked),
  );
}

const straysOf = (stack: Stack) => stack.db.selectFrom("strays").selectAll().orderBy("provider_id").execute();

/** A deployment whose create is answered with a 504 and does nothing, given up before anything turned up. */
async function rolledBack(stack: Stack) {
  await stack.arm({ method: "POST", path: "^/v2/droplets$", kind: "status", status: 504 });
  const name = `late-${stack.ids.uuid().slice(-6)}`;
  const { id, sagaId } = await deploy(stack, { name });
  await stepIs(stack, sagaId, "create_droplet", "waiting");
  await cancelDeployment(stack, id);
  expect((await ended(stack, sagaId)).status).toBe("rolled_back");
  return { sagaId, droplet: handleOf(sagaId, name).name };
}

const recheckNow = async (stack: Stack, sagaId: string, at = new Date()): Promise<void> => {
  await stack.db.updateTable("provider_resources").set({ recheck_at: at }).where("begun_by", "=", sagaId).execute();
};

describe.concurrent("an active droplet that two listings and a 404 missed", () => {
  test("is not destroyed when it comes back, and its deployment is whole again", async () => {
    await using stack = await startStack({ simulator: { calm: true } });
    const { id, sagaId } = await deploy(stack);
    expect((await ended(stack, sagaId)).status).toBe("completed");
    // Seen longer ago than the settle window: a listing without it counts.
    await pause(1500);
    const nobody = { droplets: [], links: {}, meta: { total: 0 } };
    await stack.arm({ ...lists, status: 200, body: nobody, times: 2 });
    await stack.arm({ method: "GET", path: String.raw`^/v2/droplets/\d+$`, kind: "status", status: 404 });
    await stack.requestChore("sync");
    await until("the row to be closed", async () => (await resourceOf(stack, id))?.deleted_at);
    expect(await stack.brokenInvariants()).not.toEqual([]);

    await synced(stack);
    await until("the row to be back", async () => (await resourceOf(stack, id))?.deleted_at === null);
    expect(await resourceOf(stack, id)).toMatchObject({ status: "active", managed: true, registered_by: sagaId });
    // Once more, for whatever the first sight of it may have set off.
    await synced(stack);
    await pause(1500);
    expect(await straysOf(stack)).toEqual([]);
    expect(stack.truth()).toMatchObject({ created_total: 1, destroyed_total: 0 });
    expect((await deploymentOf(stack, id)).status).toBe("active");
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

describe.concurrent("a droplet whose tags are late, or which is late itself", () => {
  test("gets no row of a sync while its saga lives, nor after it rolled back", async () => {
    // By this seed each of the four is listed for one to three seconds before its tags are shown.
    const simulator = { seed: 2025, lagMs: 3000, bootMs: 12_000 };
    await using stack = await startStack({ simulator, timing: { settle: 3 } });
    const all = await Promise.all([1, 2, 3, 4].map(() => deploy(stack)));
    await until("the creates", async () => stack.truth().created_total === 4);
    let untagged = 0;
    const end = Date.now() + 3000;
    while (Date.now() < end) {
      await stack.requestChore("sync");
      const shown = await stack.provider("GET", "/v2/droplets");
      const { droplets } = (await shown.json()) as { droplets: { tags: string[] }[] };
      untagged += droplets.filter(({ tags }) => tags.length === 0).length;
      expect(await stack.db.selectFrom("cloud_resources").selectAll().execute()).toEqual([]);
      await pause(100);
    }
    expect(untagged).toBeGreaterThan(0);
    expect((await accountLooks(stack)).some(({ found }) => found > 0)).toBe(true);
    for (const { id } of all) await cancelDeployment(stack, id);
    for (const { sagaId } of all) expect((await ended(stack, sagaId)).status).toBe("rolled_back");
    await synced(stack);
    expect(await stack.db.selectFrom("cloud_resources").selectAll().execute()).toEqual([]);
    for (const { destroy_saga_id: saga } of await straysOf(stack)) await ended(stack, saga ?? "");
    expect(stack.truth().droplets).toEqual([]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test.for(["recheck", "sync"])("is found when it appears after the rollback, and no copy of it: %s", async (chore) => {
    await using stack = await startStack({ simulator: { calm: true } });
    const { sagaId, droplet } = await rolledBack(stack);
    const late = await makeByHand(stack, droplet, sagaId);
    // Somebody else's: it only looks like one of ours.
    const copied = await stack.provider("POST", "/v2/droplets", { ...wish, name: droplet });
    const other = ((await copied.json()) as { droplet: { id: number } }).droplet.id;
    // Until a droplet's tags may have arrived it is no copy either.
    await pause(1500);
    await recheckNow(stack, sagaId);
    await stack.requestChore(chore);
    const stray = await until("the end of the stray", async () => {
      const row = (await straysOf(stack)).find(({ provider_id }) => provider_id === late);
      return row?.gone_at && row;
    });
    expect(stray).toMatchObject({ name: droplet, saga_id: sagaId, verdict: "destroyed" });
    expect((await ended(stack, stray.destroy_saga_id ?? "")).status).toBe("completed");
    expect(stack.truth().droplets.map(({ id }) => id)).toEqual([other]);
    expect((await straysOf(stack)).filter(({ verdict }) => verdict !== "alert")).toHaveLength(1);
    const rows = await stack.db.selectFrom("cloud_resources").selectAll().where("provider_id", "=", late).execute();
    expect(rows).toEqual([]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

test.concurrent("a recheck that fails is put off and does not keep the others waiting", async () => {
  await using stack = await startStack({ simulator: { calm: true } });
  const first = await rolledBack(stack);
  const second = await rolledBack(stack);
  const late = await makeByHand(stack, second.droplet, second.sagaId);
  await recheckNow(stack, first.sagaId, new Date(Date.now() - 60_000));
  await recheckNow(stack, second.sagaId);
  await stack.arm({ ...lists, status: 403 });
  const asked = Date.now();
  await stack.requestChore("recheck");
  await until("the end of the stray", async () =>
    (await straysOf(stack)).some(({ provider_id, gone_at }) => provider_id === late && gone_at),
  );
  const rows = await stack.db
    .selectFrom("provider_resources")
    .select("recheck_at")
    .where("begun_by", "=", first.sagaId)
    .execute();
  const putOff = rows[0]?.recheck_at?.getTime() ?? 0;
  expect(putOff).toBeGreaterThanOrEqual(asked + 14 * 60_000);
  expect(putOff).toBeLessThanOrEqual(Date.now() + 15 * 60_000);
  expect(stack.logged.filter((line) => line.includes("could not be looked at again"))).toHaveLength(1);
  expect(stack.truth().droplets).toEqual([]);
});
