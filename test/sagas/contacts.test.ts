import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { startSimulator } from "#simulator/server.ts";
import { startLine } from "#test/line.ts";
import { pause, providerToken, type Stack, startStack, until } from "#test/stack.ts";
import { deploy, deployMany, ended, sagaOf, stepIs, stepsOf } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

/** Every change of what the provider is as a whole, from now on. */
async function watchProvider({ pool }: Stack) {
  await pool.query(`
    create table flips (status text, since timestamptz);
    grant insert on flips to public;
    create function note_flip() returns trigger language plpgsql as
      'begin insert into flips values (new.status, new.since); return new; end';
    create trigger note after update on provider for each row
      when (old.status <> new.status) execute function note_flip()`);
  return async () => (await pool.query<{ status: string; since: Date }>("select * from flips order by since")).rows;
}

const contactsOf = (stack: Stack) => stack.db.selectFrom("provider_contacts").selectAll().execute();

/** Until some worker's own contact has this status. */
const contactIs = (stack: Stack, status: string) =>
  until(`a worker to be ${status}`, async () => (await contactsOf(stack)).find((row) => row.status === status));

/** What sagas were said to wait for, as far as it is the provider's or a token's fault. */
async function holds(stack: Stack): Promise<string[]> {
  const events = await stack.db.selectFrom("saga_events").select("data").execute();
  return events
    .map(({ data }) => String((data as { waiting_for?: string | null }).waiting_for))
    .filter((reason) => /token|account|cannot be reached|not reached/.test(reason));
}

const syncsOf = async (stack: Stack): Promise<number> =>
  (await stack.db.selectFrom("looks").select("id").where("scope", "=", "account").execute()).length;

/** Asks for one sync after another: each is done before the next is asked for. */
async function everySyncIsDone(stack: Stack): Promise<void> {
  for (let count = 0; count < 5; count += 1) {
    const before = await syncsOf(stack);
    await stack.requestChore("sync");
    await until(`sync ${count + 1}`, async () => (await syncsOf(stack)) > before);
  }
}

/** What a right worker does beside one that cannot work with the provider: all of it, as if it were alone. */
async function allIsDoneByTheOther(stack: Stack): Promise<void> {
  for (const { sagaId } of await deployMany(stack, 8)) expect((await ended(stack, sagaId)).status).toBe("completed");
  await everySyncIsDone(stack);
  expect(await holds(stack)).toEqual([]);
  expect((await stack.db.selectFrom("provider").selectAll().executeTakeFirstOrThrow()).status).toBe("up");
  expect(await stack.brokenInvariants()).toEqual([]);
}

describe.concurrent("a right worker is not held up by one beside it", () => {
  test("that has another account's token", async () => {
    await using stack = await startStack();
    await contactIs(stack, "up");
    const flips = await watchProvider(stack);
    const other = await startSimulator({ domain: "example.com" });
    const wrong = await stack.addWorker({ url: other.url });
    expect((await contactIs(stack, "wrong_account")).reason).toMatch(/belongs to account .* this database to /);
    await allIsDoneByTheOther(stack);
    expect(await flips()).toEqual([]);
    // The question was one of the other account's requests, and none of ours.
    expect(other.state().requests.by_route).toEqual({ "GET /v2/account": 1 });
    const counted = await stack.db.selectFrom("provider_requests").select("route").execute();
    // The right worker's first one was before it knew whose account it is; those after it are ours.
    const asked = stack.truth().requests.by_route["GET /v2/account"] ?? 0;
    expect(counted.filter(({ route }) => route === "/v2/account").length).toBeLessThan(asked);
    await wrong.stop();
    expect((await contactsOf(stack)).map(({ status }) => status)).toEqual(["up"]);
    await other.close();
  });

  test("whose token is refused", async () => {
    await using stack = await startStack({ simulator: { token: providerToken } });
    await contactIs(stack, "up");
    const flips = await watchProvider(stack);
    await stack.addWorker({ token: "dop_v1_revoked" });
    expect((await contactIs(stack, "down")).reason).toContain("401");
    await allIsDoneByTheOther(stack);
    expect(await flips()).toEqual([]);
  });

  test("that is cut off from the network, and takes its part again when it is back", async () => {
    await using stack = await startStack({ simulator: { bootMs: 1500 } });
    await contactIs(stack, "up");
    const flips = await watchProvider(stack);
    await using line = await startLine(stack.providerUrl);
    await stack.addWorker({ url: line.url });
    await until("both to be up", async () => (await contactsOf(stack)).length === 2);
    const before = await deployMany(stack, 6);
    await pause(300);
    line.cut();
    await contactIs(stack, "down");
    for (const { sagaId } of before) expect((await ended(stack, sagaId)).status).toBe("completed");
    await stack.db.deleteFrom("saga_log").execute();
    await allIsDoneByTheOther(stack);
    expect((await stepsOf(stack, before[0]?.sagaId ?? "")).every((step) => step.attempts === 1)).toBe(true);
    line.mend();
    await until("both to be up again", async () => (await contactsOf(stack)).every((row) => row.status === "up"));
    expect(await flips()).toEqual([]);
  });
});

describe.concurrent("a wrong worker alone", () => {
  test("says why all waits, once the right one that died has been gone for a while", async () => {
    await using stack = await startStack();
    const killed = { ...(await contactIs(stack, "up")), present_until: new Date(Date.now() + 4000) };
    const [right] = stack.workers;
    await right?.stop();
    await stack.db.insertInto("provider_contacts").values(killed).execute();
    const other = await startSimulator({ rateLimits: "off", domain: "example.com" });
    const wrong = await stack.addWorker({ url: other.url });
    const { sagaId } = await deploy(stack);
    await contactIs(stack, "wrong_account");
    expect((await sagaOf(stack, sagaId)).status).toBe("pending");
    await stack.requestChore("sync");
    const saga = await until("the saga to say why it waits", async () => {
      const row = await sagaOf(stack, sagaId);
      return row.waiting_for !== null && row;
    });
    expect(saga.waiting_for).toMatch(/belongs to account .* this database to /);
    expect((await stack.db.selectFrom("provider").selectAll().executeTakeFirst())?.status).toBe("wrong_account");

    // Nothing was lost while nobody could do it.
    await stack.addWorker();
    expect((await ended(stack, sagaId)).status).toBe("completed");
    await until("the sync that was put off", async () => (await syncsOf(stack)) > 0);
    expect(Object.keys(other.state().requests.by_route)).toEqual(["GET /v2/account"]);
    await wrong.stop();
    await other.close();
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

test("all workers lose the provider and find it again: deadlines get the time back once", async ({
  onTestFinished,
}) => {
  const directory = await mkdtemp(join(tmpdir(), "arcadia-simulator-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const simulator = { stateFile: join(directory, "account.json"), bootMs: 6000, calm: true };
  await using stack = await startStack({ workers: 3, simulator });
  await until("all to be up", async () => (await contactsOf(stack)).length === 3);
  const { sagaId } = await deploy(stack);
  const { deadline_at: before } = await stepIs(stack, sagaId, "wait_droplet_active", "waiting");
  const flips = await watchProvider(stack);
  await stack.stopProvider();
  await until("all to be down", async () => (await contactsOf(stack)).every((row) => row.status === "down"));
  await pause(1000);
  await stack.startProvider();
  await until("all to be up again", async () => (await contactsOf(stack)).every((row) => row.status === "up"));
  const [down, up, ...more] = await flips();
  expect([down?.status, up?.status, more]).toEqual(["down", "up", []]);
  const { deadline_at: after } = (await stepsOf(stack, sagaId)).find((it) => it.name === "wait_droplet_active") ?? {};
  expect(Number(after) - Number(before)).toBe(Number(up?.since) - Number(down?.since));
  expect((await ended(stack, sagaId)).status).toBe("completed");
  expect(await stack.brokenInvariants()).toEqual([]);
});
