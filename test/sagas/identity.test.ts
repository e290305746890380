import { describe, expect, test, vi } from "vitest";
import { pause, providerToken, type Stack, startStack, until } from "#test/stack.ts";
import { deploy, deploymentOf, ended, resourceOf, sagaOf, stepIs } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const owners = {
  colleague: { user: "bob", team: "main" },
  side: { user: "operator", team: "side" },
  own: { user: "operator", team: null },
};

const contactIs = (stack: Stack, status: string) =>
  until(`a worker to be ${status}`, () =>
    stack.db
      .selectFrom("provider_contacts")
      .selectAll()
      .where("status", "=", status as "up")
      .executeTakeFirst(),
  );
const providerOf = (stack: Stack) => stack.db.selectFrom("provider").selectAll().executeTakeFirstOrThrow();

async function accountBehind(stack: Stack, token: string) {
  const answer = await fetch(`${stack.providerUrl}/v2/account`, { headers: { authorization: `Bearer ${token}` } });
  return ((await answer.json()) as { account: { uuid: string; team?: { uuid: string } } }).account;
}

/** As a release that took the user for the account has left the database. */
async function asBefore(stack: Stack): Promise<string> {
  const { uuid } = await accountBehind(stack, providerToken);
  await stack.db.updateTable("provider").set({ account_uuid: uuid, account_of: null }).execute();
  await stack.db.updateTable("sagas").set({ account_uuid: uuid }).execute();
  await stack.db.deleteFrom("provider_contacts").execute();
  return uuid;
}

const routesOf = (stack: Stack) => stack.truth().requests.by_route;

describe.concurrent("the account is the team", () => {
  test("a colleague's token is fine, one of another team of the same user is not, nor is the user's own", async () => {
    await using stack = await startStack({ simulator: { owners } });
    const first = await deploy(stack);
    expect((await ended(stack, first.sagaId)).status).toBe("completed");
    const { team } = await accountBehind(stack, providerToken);
    expect(await providerOf(stack)).toMatchObject({ account_uuid: team?.uuid, account_of: "team", status: "up" });

    await stack.workers[0]?.stop();
    for (const token of ["side", "own"]) {
      const wrong = await stack.addWorker({ token });
      expect((await contactIs(stack, "wrong_account")).reason).toMatch(/belongs to account .* this database to /);
      await stack.requestChore("sync");
      await pause(1500);
      expect((await resourceOf(stack, first.id))?.deleted_at).toBeNull();
      await wrong.stop();
    }
    await stack.addWorker({ token: "colleague" });
    const second = await deploy(stack);
    expect((await ended(stack, second.sagaId)).status).toBe("completed");
    expect(stack.truth().droplets).toHaveLength(2);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("after an upgrade another team is not taken for it, and the right one is learned with the sagas under way", async () => {
    await using stack = await startStack({ simulator: { owners, bootMs: 2500 } });
    const done = await deploy(stack);
    expect((await ended(stack, done.sagaId)).status).toBe("completed");
    const underWay = await deploy(stack);
    await stepIs(stack, underWay.sagaId, "wait_droplet_active", "waiting");
    await stack.workers[0]?.stop();
    const user = await asBefore(stack);

    for (const token of ["side", "own", "colleague"]) {
      const wrong = await stack.addWorker({ token });
      expect((await contactIs(stack, "wrong_account")).reason).toMatch(/belongs to account .* this database to /);
      expect(await providerOf(stack)).toMatchObject({ account_uuid: user, account_of: null });
      await wrong.stop();
    }
    expect(await stack.db.selectFrom("audit_log").selectAll().execute()).toEqual([]);

    // Two at once learn it once.
    await Promise.all([stack.addWorker(), stack.addWorker()]);
    expect((await ended(stack, underWay.sagaId)).status).toBe("completed");
    const { team } = await accountBehind(stack, providerToken);
    expect(await providerOf(stack)).toMatchObject({ account_uuid: team?.uuid, account_of: "team", status: "up" });
    expect((await sagaOf(stack, underWay.sagaId)).account_uuid).toBe(team?.uuid);
    expect(await stack.db.selectFrom("audit_log").selectAll().execute()).toMatchObject([
      { action: "provider.learn_account", object_id: team?.uuid, detail: { formerly: user, user, team: team?.uuid } },
    ]);
    expect((await deploymentOf(stack, done.id)).status).toBe("active");
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("after an upgrade, our tag proves the team whose droplets are gone, and of an empty database any will do", async () => {
    await using stack = await startStack({ workers: 0, simulator: { owners, calm: true } });
    const first = await stack.addWorker();
    const { id, sagaId } = await deploy(stack);
    await ended(stack, sagaId);
    await first.stop();
    await stack.provider("DELETE", `/v2/droplets/${(await resourceOf(stack, id))?.provider_id}`);
    await asBefore(stack);
    const wrong = await stack.addWorker({ token: "side" });
    await contactIs(stack, "wrong_account");
    await wrong.stop();
    expect(routesOf(stack)["GET /v2/tags/{id}"]).toBe(1);
    await stack.addWorker();
    await contactIs(stack, "up");
    expect((await providerOf(stack)).account_of).toBe("team");

    await using empty = await startStack({ workers: 0, simulator: { owners } });
    await asBefore(empty);
    await empty.addWorker();
    await contactIs(empty, "up");
    const { team } = await accountBehind(empty, providerToken);
    expect(await providerOf(empty)).toMatchObject({ account_uuid: team?.uuid, account_of: "team" });
    expect(routesOf(empty)["GET /v2/tags/{id}"]).toBeUndefined();
  });

  test("a user's own account keeps the user's uuid", async () => {
    await using stack = await startStack({ workers: 0, simulator: { owners } });
    const worker = await stack.addWorker({ token: "own" });
    await contactIs(stack, "up");
    const { uuid } = await accountBehind(stack, "own");
    expect(await providerOf(stack)).toMatchObject({ account_uuid: uuid, account_of: "user" });
    await worker.stop();
    await stack.addWorker({ token: "colleague" });
    await contactIs(stack, "wrong_account");
  });
});
