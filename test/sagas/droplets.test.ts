import { describe, expect, test, vi } from "vitest";
import { dropletContext } from "#secrets/user-data-context.ts";
import { type Stack, pause, startStack, until } from "#test/stack.ts";
import { cancelSaga, deploy, ended, sagaOf, spec, stepIs } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const provision = (stack: Stack, userData?: string) =>
  stack.db.transaction().execute((tx) => {
    const sealed = userData === undefined ? undefined : stack.secrets.seal(userData, dropletContext("box"));
    return stack.sagas.provisionDroplet(tx, { name: "box", ...spec, ssh_keys: [] }, sealed);
  });
const destroy = (stack: Stack, providerId: number, unmanaged = false) =>
  stack.db.transaction().execute((tx) => stack.sagas.destroyDroplet(tx, { providerId, unmanaged }));
const rows = (stack: Stack) => stack.db.selectFrom("cloud_resources").selectAll().execute();

describe.concurrent("a droplet by itself", () => {
  test("is provisioned into the inventory, and destroyed: the row stays as history", async () => {
    await using stack = await startStack();
    expect((await ended(stack, await provision(stack))).status).toBe("completed");
    const [row] = await rows(stack);
    expect(row).toMatchObject({ managed: true, status: "active", deployment_id: null });
    expect((await ended(stack, await destroy(stack, row?.provider_id ?? 0))).status).toBe("completed");
    expect(stack.truth().droplets).toEqual([]);
    expect(await rows(stack)).toMatchObject([{ status: "deleted", deleted_at: expect.any(Date) }]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("that was cancelled while it booted leaves nothing", async () => {
    await using stack = await startStack({ simulator: { bootMs: 2000 } });
    const sagaId = await provision(stack, "#cloud-config secret");
    await stepIs(stack, sagaId, "wait_droplet_active", "waiting");
    await cancelSaga(stack, sagaId);
    expect((await ended(stack, sagaId)).status).toBe("rolled_back");
    expect(await rows(stack)).toEqual([]);
    expect(await stack.db.selectFrom("sealed_user_data").selectAll().execute()).toEqual([]);
    expect(await stack.brokenInvariants(["cloud-config secret"])).toEqual([]);
  });

  test("that is gone already is destroyed all the same", async () => {
    await using stack = await startStack();
    await ended(stack, await provision(stack));
    const [droplet] = stack.truth().droplets;
    await stack.provider("DELETE", `/v2/droplets/${droplet?.id}`);
    expect((await ended(stack, await destroy(stack, droplet?.id ?? 0))).status).toBe("completed");
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("that we did not make is left alone, unless an admin wants it gone", async () => {
    await using stack = await startStack({ timing: { compensate: 6 } });
    const wish = { name: "theirs", region: "syd1", size: spec.size_slug, image: spec.image };
    await stack.provider("POST", "/v2/droplets", wish);
    const droplet = await until("it to be active", async () =>
      stack.truth().droplets.find((it) => it.status === "active"),
    );
    await pause(250);
    await stack.requestChore("sync");
    await until("its row", async () => (await rows(stack))[0]);
    await stack.db.updateTable("cloud_resources").set({ name: "ours" }).execute();
    const sagaId = await destroy(stack, droplet.id);
    expect(await ended(stack, sagaId)).toMatchObject({ status: "stuck", error: { code: "not_ours" } });
    expect(stack.truth().droplets).toHaveLength(1);
    const resolution = { reason: "it is theirs", by: "the test" };
    await stack.db.transaction().execute((tx) => stack.sagas.resolve(tx, sagaId, resolution));
    expect((await sagaOf(stack, sagaId)).status).toBe("completed");

    expect((await ended(stack, await destroy(stack, droplet.id, true))).status).toBe("completed");
    expect(stack.truth().droplets).toEqual([]);
    expect(await rows(stack)).toMatchObject([{ managed: false, status: "deleted" }]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

describe.concurrent("user_data", () => {
  const secret = "#cloud-config\npassword: hunter2-planted";

  test("is sealed, sent to the provider, dropped once active, and found nowhere", async () => {
    const sent: string[] = [];
    const { fetch: real } = globalThis;
    globalThis.fetch = async (input, init) => {
      if (typeof init?.body === "string" && init.body.includes("seen-passing")) sent.push(init.body);
      return real(input, init);
    };
    await using stack = await startStack();
    globalThis.fetch = real;
    const passing = `${secret}-seen-passing`;
    const { sagaId } = await deploy(stack, { userData: passing });
    const [sealed] = await stack.db.selectFrom("sealed_user_data").select("sealed").execute();
    expect(sealed?.sealed.includes("hunter2")).toBe(false);
    expect((await ended(stack, sagaId)).status).toBe("completed");
    expect(sent.map((body) => JSON.parse(body).user_data)).toEqual([passing]);
    expect(await stack.db.selectFrom("sealed_user_data").selectAll().execute()).toEqual([]);
    expect(await stack.brokenInvariants(["hunter2"])).toEqual([]);
  });

  test("is not told by an error that quotes it", async () => {
    await using stack = await startStack();
    const body = { id: "unprocessable_entity", message: "user_data is wrong: password: hunter2-planted" };
    await stack.arm({ method: "POST", path: "^/v2/droplets$", kind: "status", status: 422, body });
    const { sagaId } = await deploy(stack, { userData: secret });
    expect((await ended(stack, sagaId)).status).toBe("rolled_back");
    expect(await stack.brokenInvariants(["hunter2"])).toEqual([]);
  });
});
