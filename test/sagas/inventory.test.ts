import { describe, expect, test, vi } from "vitest";
import { installTag } from "#resources/kinds/droplet-handle.ts";
import { type Stack, pause, startStack, until } from "#test/stack.ts";
import { deploy, deployMany, ended, sagaOf, spec } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const wish = { name: "by-hand", region: "syd1", size: spec.size_slug, image: spec.image };

async function makeByHand(stack: Stack, tags: string[] = [], name = wish.name): Promise<number> {
  const answer = await stack.provider("POST", "/v2/droplets", { ...wish, name, tags });
  return ((await answer.json()) as { droplet: { id: number } }).droplet.id;
}

const sync = (stack: Stack) => stack.requestChore("sync");
const rowOf = (stack: Stack, providerId: number) =>
  stack.db.selectFrom("cloud_resources").selectAll().where("provider_id", "=", providerId).executeTakeFirst();
const strayOf = (stack: Stack, providerId: number) =>
  stack.db.selectFrom("strays").selectAll().where("provider_id", "=", providerId).executeTakeFirst();
const ourInstall = async (stack: Stack) =>
  installTag((await stack.db.selectFrom("installation").select("id").executeTakeFirstOrThrow()).id);

describe.concurrent("the inventory sync", () => {
  test("finds droplets that we did not make, follows their changes, and learns that they are gone", async () => {
    await using stack = await startStack();
    const id = await makeByHand(stack);
    await until("it to be active", async () => stack.truth().droplets[0]?.status === "active");
    await pause(250);
    await sync(stack);
    const row = await until("its row", () => rowOf(stack, id));
    expect(row).toMatchObject({ name: "by-hand", status: "active", managed: false, tenant_id: null, deleted_at: null });

    await stack.provider("POST", `/v2/droplets/${id}/actions`, { type: "power_off" });
    await until("it to be off", async () => stack.truth().droplets[0]?.status === "off");
    await sync(stack);
    await until("the change", async () => (await rowOf(stack, id))?.status === "off");

    await stack.provider("DELETE", `/v2/droplets/${id}`);
    await pause(1300);
    await sync(stack);
    await until("its end", async () => (await rowOf(stack, id))?.deleted_at);
    expect((await stack.db.selectFrom("cloud_resources").selectAll().execute()).length).toBe(1);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("does not take a young droplet, or one that a saga is about, for gone", async () => {
    await using stack = await startStack({ simulator: { lagMs: 1000 } });
    const all = await deployMany(stack, 5);
    const syncing = Array.from({ length: 20 }, async (_, index) => {
      await pause(index * 200);
      await sync(stack);
    });
    for (const { sagaId } of all) expect((await ended(stack, sagaId)).status).toBe("completed");
    await Promise.all(syncing);
    await pause(500);
    const rows = await stack.db.selectFrom("cloud_resources").selectAll().execute();
    expect(rows.map((row) => [row.managed, row.deleted_at])).toEqual(all.map(() => [true, null]));
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

describe.concurrent("a droplet with our install tag that nobody owns", () => {
  test("of a saga that rolled back is destroyed", async () => {
    await using stack = await startStack();
    await stack.arm({ method: "POST", path: "^/v2/droplets$", kind: "status", status: 422 });
    const { sagaId } = await deploy(stack);
    await ended(stack, sagaId);
    const id = await makeByHand(stack, [`arcadia-saga-${sagaId}`, await ourInstall(stack)], "late");
    await pause(250);
    await sync(stack);
    const stray = await until("the end of the stray", async () => {
      const row = await strayOf(stack, id);
      return row?.gone_at && row;
    });
    expect(stray).toMatchObject({ verdict: "destroyed", saga_id: sagaId });
    expect((await sagaOf(stack, stray.destroy_saga_id ?? "")).name).toBe("destroy_droplet");
    expect(stack.truth().droplets).toEqual([]);
    await ended(stack, stray.destroy_saga_id ?? "");
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("of a saga that completed with another droplet is destroyed, and that one is not", async () => {
    await using stack = await startStack();
    const { sagaId } = await deploy(stack);
    await ended(stack, sagaId);
    const id = await makeByHand(stack, [`arcadia-saga-${sagaId}`, await ourInstall(stack)], "twin");
    await pause(250);
    await sync(stack);
    await until("the end of the stray", async () => (await strayOf(stack, id))?.gone_at);
    expect(stack.truth().droplets).toHaveLength(1);
    await pause(200);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("that appears an hour after its saga was given up is found when that is looked at again", async () => {
    await using stack = await startStack();
    await stack.arm({ method: "POST", path: "^/v2/droplets$", kind: "placement_failure" });
    const { sagaId } = await deploy(stack);
    const saga = await ended(stack, sagaId);
    // Of what the saga began, its own: the droplet that comes late gets a row as well, with rechecks of its own.
    const rowNow = () =>
      stack.db
        .selectFrom("provider_resources")
        .selectAll()
        .where("begun_by", "=", sagaId)
        .orderBy("created_at")
        .limit(1)
        .executeTakeFirstOrThrow();
    const early = (saga.finished_at?.getTime() ?? 0) + 15 * 60_000 - ((await rowNow()).recheck_at?.getTime() ?? 0);
    expect(early).toBeGreaterThanOrEqual(0);
    expect(early).toBeLessThan(5000);
    const id = await makeByHand(stack, [`arcadia-saga-${sagaId}`, await ourInstall(stack)], "late");
    await pause(250);
    const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    const age = async (finished_at: Date) => {
      await stack.db.updateTable("sagas").set({ finished_at }).where("id", "=", sagaId).execute();
      await stack.db
        .updateTable("provider_resources")
        .set({ recheck_at: finished_at })
        .where("begun_by", "=", sagaId)
        .execute();
    };
    await age(ago(1));
    await stack.requestChore("recheck");
    const stray = await until("the end of the stray", async () => {
      const row = await strayOf(stack, id);
      return row?.gone_at && row;
    });
    await ended(stack, stray.destroy_saga_id ?? "");
    expect(stack.truth().tags).toContain(`arcadia-saga-${sagaId}`);
    expect(await rowNow()).toMatchObject({ rechecks: 1, recheck_at: expect.any(Date) });

    // After a day its tag goes as well.
    await age(ago(3));
    await stack.requestChore("recheck");
    await until("the second look", async () => (await rowNow()).rechecks === 2);
    await age(ago(25));
    await stack.requestChore("recheck");
    await until("the last look", async () => (await rowNow()).recheck_at === null);
    expect(stack.truth().tags).not.toContain(`arcadia-saga-${sagaId}`);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("of a saga that we do not know is told of, and left", async () => {
    await using stack = await startStack({ simulator: { calm: true } });
    const unknown = await makeByHand(stack, [`arcadia-saga-${stack.ids.uuid()}`, await ourInstall(stack)]);
    const nameless = await makeByHand(stack, [await ourInstall(stack)]);
    const foreign = await makeByHand(stack, [`arcadia-saga-${stack.ids.uuid()}`, installTag(stack.ids.uuid())]);
    await sync(stack);
    await until("the alert", () => strayOf(stack, unknown));
    await until("the other alert", () => strayOf(stack, nameless));
    await sync(stack);
    await pause(1500);
    expect(await strayOf(stack, unknown)).toMatchObject({ verdict: "alert", gone_at: null });
    expect(await strayOf(stack, foreign)).toBeUndefined();
    expect(stack.truth().droplets).toHaveLength(3);
    expect(await stack.db.selectFrom("sagas").selectAll().execute()).toEqual([]);
    const alerts = stack.logged.filter((line) => line.includes("A droplet is left alone"));
    expect(alerts).toHaveLength(2);
  });
});
