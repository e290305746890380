import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { startSimulator } from "#simulator/server.ts";
import { pause, startStack, until } from "#test/stack.ts";
import {
  deleteDeployment,
  deploy,
  deployMany,
  deploymentOf,
  ended,
  resourceOf,
  sagaOf,
  stepsOf,
} from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const create = { method: "POST", path: "^/v2/droplets$" };

describe.concurrent("a droplet that does not become what was asked for rolls its deployment back", () => {
  test("placement fails after the 202", async () => {
    await using stack = await startStack();
    await stack.arm({ ...create, kind: "placement_failure" });
    const { sagaId } = await deploy(stack);
    expect(await ended(stack, sagaId)).toMatchObject({ status: "rolled_back", error: { code: "placement_failed" } });
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("it is not active in time", async () => {
    await using stack = await startStack({ timing: { waitActive: 1.5 }, simulator: { bootMs: 600_000, calm: true } });
    const { sagaId } = await deploy(stack);
    const saga = await ended(stack, sagaId);
    expect(saga).toMatchObject({ status: "rolled_back", error: { code: "droplet_active_timeout" } });
    expect(stack.truth()).toMatchObject({ created_total: 1, destroyed_total: 1, droplets: [] });
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("the account's droplet limit is reached: refused for good, with a word on what to do", async () => {
    await using stack = await startStack({ simulator: { dropletLimit: 0 } });
    const { id, sagaId } = await deploy(stack);
    expect(await ended(stack, sagaId)).toMatchObject({ status: "rolled_back", error: { code: "droplet_limit" } });
    expect((await deploymentOf(stack, id)).reason).toContain("droplet limit");
    expect(stack.truth().requests.by_route["POST /v2/droplets"]).toBe(1);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("somebody destroys it while it boots", async () => {
    await using stack = await startStack({ simulator: { bootMs: 600_000, calm: true } });
    const { sagaId } = await deploy(stack);
    const droplet = await until("the droplet", async () => stack.truth().droplets[0]);
    await until("a look that shows it", () =>
      stack.db.selectFrom("sightings").select("observed_at").executeTakeFirst(),
    );
    await stack.provider("DELETE", `/v2/droplets/${droplet.id}`);
    expect(await ended(stack, sagaId)).toMatchObject({ status: "rolled_back", error: { code: "droplet_vanished" } });
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

describe.concurrent("a droplet that is new resists its destruction", () => {
  test.for([
    ["the DELETE is ineffective", { kind: "ineffective" }],
    ["the DELETE is refused with a 422", { kind: "status", status: 422 }],
    ["the DELETE is answered 404", { kind: "status", status: 404 }],
    ["the DELETE is answered 500 after the commit", { kind: "status", status: 500, after_commit: true, times: 3 }],
  ] as const)("%s: it is destroyed all the same", async ([, fault]) => {
    await using stack = await startStack({ simulator: { calm: true, bootMs: 400 } });
    await stack.arm({ method: "POST", path: "/records$", kind: "status", status: 422 });
    await stack.arm({ method: "DELETE", path: "^/v2/droplets/", ...fault });
    const { sagaId } = await deploy(stack);
    expect((await ended(stack, sagaId)).status).toBe("rolled_back");
    expect(stack.truth().droplets).toEqual([]);
    // Many DELETEs of one droplet got accounts blocked.
    expect(stack.truth().requests.by_route["DELETE /v2/droplets/{id}"]).toBeLessThanOrEqual(4);
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

describe.concurrent("one 404 is not absence", () => {
  test("of a droplet that was active when its saga went on late", async () => {
    await using stack = await startStack({ simulator: { calm: true } });
    // By the time of the next step, what the last look saw is stale.
    await stack.pool.query(`
      create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(1); return new; end';
      create trigger slow before update on saga_steps for each row
        when (new.name = 'wait_droplet_active' and new.status = 'completed') execute function slow()`);
    await stack.arm({ method: "GET", path: String.raw`^/v2/droplets/\d+$`, kind: "status", status: 404 });
    const { sagaId } = await deploy(stack);
    expect((await ended(stack, sagaId)).status).toBe("completed");
    expect((await stepsOf(stack, sagaId)).find((it) => it.name === "register_droplet")?.attempts).toBe(2);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("of a record that leads to a droplet", async () => {
    await using stack = await startStack();
    const { id, sagaId } = await deploy(stack);
    await ended(stack, sagaId);
    await pause(1200);
    await stack.arm({ method: "GET", path: String.raw`/records/\d+$`, kind: "status", status: 404 });
    await deleteDeployment(stack, id);
    await ended(stack, (await deploymentOf(stack, id)).saga_id ?? "");
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

describe.concurrent("the provider as a whole", () => {
  test("refuses our token: sagas wait and say why, and go on when it is right again", async () => {
    await using stack = await startStack();
    await pause(300);
    await stack.arm({ method: "GET", path: ".", kind: "status", status: 401, times: 1000 });
    await stack.arm({ method: "POST", path: ".", kind: "status", status: 401, times: 1000 });
    const { id, sagaId } = await deploy(stack);
    const waiting = await until("the saga to say why", async () => {
      const saga = await sagaOf(stack, sagaId);
      return saga.waiting_for?.includes("401") && saga;
    });
    expect(waiting.waiting_for).toContain("DIGITALOCEAN_TOKEN");
    expect(await stack.db.selectFrom("provider").selectAll().executeTakeFirst()).toMatchObject({ status: "down" });
    await pause(1500);
    expect((await deploymentOf(stack, id)).status).toBe("provisioning");
    await stack.disarm();
    expect((await ended(stack, sagaId)).status).toBe("completed");
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("does not let our token read the account: sagas wait and say what is missing", async () => {
    await using stack = await startStack({ workers: 0 });
    await stack.arm({ method: "GET", path: "^/v2/account$", kind: "status", status: 403, times: 1000 });
    await stack.addWorker();
    const { sagaId } = await deploy(stack);
    await until("the saga to say why", async () => (await sagaOf(stack, sagaId)).waiting_for?.includes("scope"));
    expect(stack.truth().created_total).toBe(0);
    await stack.disarm();
    expect((await ended(stack, sagaId)).status).toBe("completed");
  });

  test("takes requests and does not answer them: sagas wait and say so", async () => {
    await using stack = await startStack();
    await until("the catalogue", async () => stack.truth().requests.by_route["GET /v2/images"]);
    await stack.arm({ method: "GET", path: "/records$", kind: "status", status: 500, times: 3 });
    await stack.arm({ method: "GET", path: "^/v2/account$", kind: "hang" });
    const { sagaId } = await deploy(stack);
    await until("the saga to say why", async () => (await sagaOf(stack, sagaId)).waiting_for?.includes("not answer"));
    expect((await ended(stack, sagaId)).status).toBe("completed");
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("is away: deployments wait, lose no time of their deadlines, and all complete when it is back", async ({
    onTestFinished,
  }) => {
    const directory = await mkdtemp(join(tmpdir(), "arcadia-simulator-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    await using stack = await startStack({
      workers: 2,
      timing: { waitActive: 10 },
      simulator: { stateFile: join(directory, "account.json"), bootMs: 1500, seed: 5 },
    });
    const all = await deployMany(stack, 6);
    await until("the creates", async () => stack.truth().created_total >= 3);
    await stack.stopProvider();
    const late = await deploy(stack);
    await until("the outage to be noticed", async () => {
      const row = await stack.db.selectFrom("provider").selectAll().executeTakeFirstOrThrow();
      return row.status === "down" && row.reason?.includes("cannot be reached");
    });
    await until("the late one to say why it waits", async () =>
      (await sagaOf(stack, late.sagaId)).waiting_for?.includes("cannot be reached"),
    );
    // Longer than a droplet is given to become active.
    await pause(12_000);
    expect((await Promise.all(all.map(({ id }) => deploymentOf(stack, id)))).map((it) => it.status)).toEqual(
      all.map(() => "provisioning"),
    );
    await stack.startProvider();
    for (const { sagaId } of [...all, late]) expect((await ended(stack, sagaId)).status).toBe("completed");
    expect(stack.truth().created_total).toBe(7);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test.for([
    ["of the minute, with retry-after", { "retry-after": "2", "ratelimit-remaining": "0" }],
    ["of the hour, without", { "ratelimit-remaining": "4000" }],
  ] as const)("answers 429 %s: sagas wait, and are not counted as failed", async ([, headers]) => {
    await using stack = await startStack();
    await stack.arm({ method: "POST", path: "^/v2/droplets$", kind: "status", status: 429, headers, times: 1 });
    await stack.arm({ method: "POST", path: "/records$", kind: "status", status: 429, headers, times: 1 });
    const { sagaId } = await deploy(stack);
    expect((await ended(stack, sagaId, 90_000)).status).toBe("completed");
    const steps = await stepsOf(stack, sagaId);
    expect(steps.map((step) => step.attempts)).toEqual(steps.map(() => 1));
    expect(stack.truth().created_total).toBe(1);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("is another account: the worker refuses to run, says so, and takes nothing there for ours", async () => {
    await using stack = await startStack({ workers: 0 });
    const right = await stack.addWorker();
    const deployed = await deploy(stack);
    await ended(stack, deployed.sagaId);
    await right.stop();
    const other = await startSimulator({ rateLimits: "off", domain: "example.com" });
    const wrong = await stack.addWorker({ url: other.url });
    await deleteDeployment(stack, deployed.id);
    await stack.requestChore("sync");
    await pause(3000);
    const provider = await stack.db.selectFrom("provider").selectAll().executeTakeFirstOrThrow();
    expect(provider).toMatchObject({ status: "wrong_account" });
    expect(provider.reason).toMatch(/belongs to account .* this database to /);
    const { saga_id: down } = await deploymentOf(stack, deployed.id);
    expect(await sagaOf(stack, down ?? "")).toMatchObject({ status: "waiting", waiting_for: provider.reason });
    expect((await resourceOf(stack, deployed.id))?.deleted_at).toBeNull();
    const asked = Object.keys(other.state().requests.by_route);
    expect(asked).toEqual(["GET /v2/account"]);

    // Beside one that is right, it does nothing either.
    await stack.addWorker();
    expect((await ended(stack, down ?? "")).status).toBe("completed");
    expect(Object.keys(other.state().requests.by_route)).toEqual(["GET /v2/account"]);
    expect(stack.truth().droplets).toEqual([]);
    await wrong.stop();
    await other.close();
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});
