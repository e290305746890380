import { expect, test, vi } from "vitest";
import { pause, type Stack, startStack, until, zone } from "#test/stack.ts";
import { deploy, type Deployed, ended, sagaOf } from "#test/stack-deployments.ts";
import { active, conditionsOf, dropletOf, recordOf, subscribe, sync, timing } from "#test/stack-conditions.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

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

test("a hostname that is delegated, and a zone that is gone, are found by whoever reads the zone", async () => {
  await using stack = await startStack({ timing });
  const [it] = (await active(stack, 1)) as [Deployed];
  const name = it.hostname.slice(0, -zone.length - 1);
  const delegation = { type: "NS", name, data: "ns1.elsewhere.net.", ttl: 1800 };
  await stack.provider("POST", `/v2/domains/${zone}/records`, delegation);
  await pause(500);
  for (let round = 0; round < 2; round += 1) {
    await ended(stack, (await deploy(stack)).sagaId);
    await pause(300);
  }
  const delegated = await until("the delegation", async () => (await conditionsOf(stack, it))[0]);
  expect(delegated).toMatchObject({ code: "dns_delegated", message: expect.stringContaining("ns1.elsewhere.net") });

  await stack.provider("DELETE", `/v2/domains/${zone}`);
  for (let round = 0; round < 2; round += 1) {
    expect((await ended(stack, (await deploy(stack)).sagaId)).status).toBe("rolled_back");
    await pause(300);
  }
  const codes = (await conditionsOf(stack, it)).map(({ code }) => code);
  expect(codes).toEqual(["zone_gone"]);
});

test("a droplet that has served is reported and not destroyed when nothing of ours has it any more", async () => {
  await using stack = await startStack({ timing });
  const [it] = (await active(stack, 1)) as [Deployed];
  const { provider_id: id } = await dropletOf(stack, it);
  // As after a release that gave it up for gone, without having ordered its end.
  await stack.db
    .updateTable("provider_resources")
    .set({ phase: "left" })
    .where("kind", "=", "droplet")
    .where("provider_id", "=", String(id))
    .execute();
  await sync(stack);
  const stray = await until("the report", () =>
    stack.db.selectFrom("strays").selectAll().where("provider_id", "=", id).executeTakeFirst(),
  );
  expect(stray).toMatchObject({ verdict: "alert", saga_id: it.sagaId, destroy_saga_id: null });
  await pause(500);
  expect(stack.truth().droplets.map((droplet) => droplet.id)).toEqual([id]);
});
