import { describe, expect, test, vi } from "vitest";
import { pause, type Stack, startStack, until, zone } from "#test/stack.ts";
import { deleteDeployment, deploy, type Deployed, deploymentOf, ended } from "#test/stack-deployments.ts";
import {
  absences,
  active,
  conditionsOf,
  dropletOf,
  following,
  hide,
  messages,
  parking,
  parkings,
  problems,
  recordOf,
  subscribe,
  sync,
  timing,
} from "#test/stack-conditions.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

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

  test("by itself alone is believed while our tag is on its volume", async () => {
    await using stack = await startStack({ timing });
    const [gone] = (await active(stack, 1, { volumeGib: 10 })) as [Deployed];
    await stack.provider("DELETE", `/v2/droplets/${(await dropletOf(stack, gone)).provider_id}`);
    await pause(400);
    await sync(stack);
    await following(stack, "the record to be parked", async () => recordOf(stack, gone)?.data === parking);
    expect(stack.truth().volumes).toHaveLength(1);
  });

  test("is parked although a reserved IP of a person's had led to it", async () => {
    await using stack = await startStack({ timing });
    const [gone] = (await active(stack, 2)) as [Deployed, Deployed];
    const { provider_id: id, public_ipv4: address } = await dropletOf(stack, gone);
    const { reserved_ip } = await (await stack.provider("POST", "/v2/reserved_ips", { region: "syd1" })).json();
    await pause(400);
    await stack.provider("POST", `/v2/reserved_ips/${reserved_ip.ip}/actions`, { type: "assign", droplet_id: id });
    await until("it to lead there", async () => stack.truth().reserved_ips[0]?.droplet_id === id);
    await pause(1300);
    await sync(stack);
    await pause(300);
    expect((await dropletOf(stack, gone)).public_ipv4).toBe(address);
    // What an earlier release may have taken for the droplet's own.
    await stack.pool.query("update cloud_resources set public_ipv4 = $1 where provider_id = $2", [reserved_ip.ip, id]);
    await stack.provider("DELETE", `/v2/droplets/${id}`);
    await pause(400);
    await sync(stack);
    await following(stack, "the record to be parked", async () => recordOf(stack, gone)?.data === parking);
    const told = async () => (await conditionsOf(stack, gone))[0]?.message.includes(`leads to ${parking}`);
    await until("the condition to tell it", told);
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

describe.concurrent("a database that was restored to a time before", () => {
  const lead = async (stack: Stack, it: Deployed, data: string) => {
    const record = recordOf(stack, it);
    const body = { type: "A", name: record?.name, data, ttl: record?.ttl };
    await stack.provider("PUT", `/v2/domains/${zone}/records/${record?.id}`, body);
  };

  test("a record was parked, and the droplet has come back since: it is brought back", async () => {
    await using stack = await startStack({ timing });
    const [it] = (await active(stack, 1)) as [Deployed];
    const { public_ipv4: address } = await dropletOf(stack, it);
    await lead(stack, it, parking);
    await ended(stack, (await deploy(stack)).sagaId);
    await until("what is known of it", async () => (await absences(stack))[0]?.dns === "parked");
    await pause(1300);
    await sync(stack);
    await following(stack, "the record to be back", async () => recordOf(stack, it)?.data === address);
    await until("the end of the absence", async () => (await absences(stack)).length === 0);
  });

  test("a record was parked, and the droplet is still gone: it stays parked, and is removed with its deployment", async () => {
    await using stack = await startStack({ timing });
    const [it] = (await active(stack, 2)) as [Deployed, Deployed];
    await lead(stack, it, parking);
    await stack.provider("DELETE", `/v2/droplets/${(await dropletOf(stack, it)).provider_id}`);
    await pause(400);
    await sync(stack);
    await following(stack, "that it is known to be parked", async () => (await absences(stack))[0]?.dns === "parked");
    expect(recordOf(stack, it)?.data).toBe(parking);
    await deleteDeployment(stack, it.id);
    expect((await ended(stack, (await deploymentOf(stack, it.id)).saga_id ?? "")).status).toBe("completed");
    expect(recordOf(stack, it)).toBeUndefined();
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("a record is parked by the rows, and has been brought back since: nothing is written", async () => {
    await using stack = await startStack({ timing });
    const [it] = (await active(stack, 2)) as [Deployed, Deployed];
    const { provider_id: id, public_ipv4: address } = await dropletOf(stack, it);
    await hide(stack, [id]);
    await sync(stack);
    await following(stack, "the record to be parked", async () => recordOf(stack, it)?.data === parking);
    await ended(stack, (await parkings(stack))[0]?.id ?? "");
    await lead(stack, it, address ?? "");
    await stack.disarm();
    await pause(1300);
    await sync(stack);
    await following(stack, "the end of the absence", async () => (await absences(stack)).length === 0);
    expect(recordOf(stack, it)?.data).toBe(address);
    expect(await conditionsOf(stack, it)).toEqual([]);
  });
});
