import { expect, test, vi } from "vitest";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { heldOfKind } from "#resources/rows.ts";
import { pause, type Stack, startStack, until } from "#test/stack.ts";
import { deploy, ended, healthCheck, holdAt, lookAtReservedIps, stepIs } from "#test/stack-deployments.ts";

// Reserved IPs of the account that somebody else has reserved.

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const timing = { poll: 0.3, settle: 1 };
const asked = { reservedIp: true, healthCheck };

/** As a person reserves one at DigitalOcean, in the droplets' region. */
const reserveByHand = (stack: Stack, region: string) => stack.provider("POST", "/v2/reserved_ips", { region });

/** A droplet of somebody else's in the account. */
async function strangersDroplet(stack: Stack) {
  const name = "of-somebody-else";
  await stack.provider("POST", "/v2/droplets", { name, region: "syd1", size: "s-1vcpu-1gb", image: "debian-13-x64" });
  return until("their droplet", async () =>
    stack.truth().droplets.find((it) => it.name === name && it.status === "active"),
  );
}

async function leadThere(stack: Stack, ip: string, dropletId: number): Promise<void> {
  const assign = { type: "assign", droplet_id: dropletId };
  // Refused while it is being reserved.
  await until("an assignment", async () => (await stack.provider("POST", `/v2/reserved_ips/${ip}/actions`, assign)).ok);
  const led = () => stack.truth().reserved_ips.find((it) => it.ip === ip)?.droplet_id === dropletId;
  await until("it to lead there", async () => led());
}

test("an answer about a reserved IP that leads somewhere is about somebody else's, which is left alone", async () => {
  await using stack = await startStack({ timing });
  const theirs = await strangersDroplet(stack);
  const { ip } = (await (await reserveByHand(stack, "syd1")).json()).reserved_ip;
  await leadThere(stack, ip, theirs.id);
  await pause(300);
  const body = await (await stack.provider("GET", `/v2/reserved_ips/${ip}`)).json();
  await stack.arm({ method: "POST", path: "/reserved_ips$", kind: "status", status: 202, body, after_commit: true });
  const it = await deploy(stack, asked);
  expect((await ended(stack, it.sagaId, 60_000)).status).toBe("completed");
  const { reserved_ips: reserved } = stack.truth();
  const own = (await heldOfKind(stack.db, reservedIpKind, [it.id])).get(it.id)?.provider_id;
  expect(own).not.toBe(ip);
  expect(reserved).toHaveLength(2);
  expect(reserved.some((each) => each.ip === own)).toBe(true);
  expect(reserved.find((each) => each.ip === ip)?.droplet_id).toBe(theirs.id);
});

test("an answer about a reserved IP that a look had shown before is about somebody else's, which is left alone", async () => {
  await using stack = await startStack({ timing });
  const { ip } = (await (await reserveByHand(stack, "syd1")).json()).reserved_ip;
  const other = await deploy(stack, asked);
  expect((await ended(stack, other.sagaId)).status).toBe("completed");
  await lookAtReservedIps(stack);
  const body = await (await stack.provider("GET", `/v2/reserved_ips/${ip}`)).json();
  await stack.arm({ method: "POST", path: "/reserved_ips$", kind: "status", status: 202, body, after_commit: true });
  const release = await holdAt(stack, "assign_reserved_ip");
  const it = await deploy(stack, asked);
  await stepIs(stack, it.sagaId, "assign_reserved_ip", "running");
  const own = (await heldOfKind(stack.db, reservedIpKind, [it.id])).get(it.id)?.provider_id;
  expect(own).not.toBe(ip);
  await release();
  await stack.takeOver(it.sagaId);
  expect((await ended(stack, it.sagaId, 60_000)).status).toBe("completed");
  expect(stack.truth().reserved_ips.find((each) => each.ip === ip)?.droplet_id).toBeNull();
});

test("one that somebody else reserved in the same minute, and leads to their droplet, is neither moved nor released", async () => {
  await using stack = await startStack({ timing });
  const theirs = await strangersDroplet(stack);
  // Ours is lost on the way, without effect.
  await stack.arm({ method: "POST", path: "/reserved_ips$", kind: "reset" });
  // It is not assigned before it leads to theirs.
  await stack.arm({ method: "GET", path: String.raw`^/v2/reserved_ips/[\d.]+$`, kind: "reset", times: 1000 });
  const it = await deploy(stack, asked);
  await stepIs(stack, it.sagaId, "reserve_ip", "waiting");
  const { ip } = (await (await reserveByHand(stack, "syd1")).json()).reserved_ip;
  await stepIs(stack, it.sagaId, "reserve_ip", "completed");
  await leadThere(stack, ip, theirs.id);
  await stack.disarm();
  const saga = await ended(stack, it.sagaId, 60_000);
  expect([saga.status, JSON.stringify(saga.error)]).toEqual([
    "rolled_back",
    expect.stringContaining(`leads to droplet ${theirs.id}`),
  ]);
  expect(stack.truth().reserved_ips).toMatchObject([{ ip, droplet_id: theirs.id }]);
});
