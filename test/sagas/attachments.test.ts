import { expect, test, vi } from "vitest";
import { z } from "zod";
import { type Stack, startStack, until } from "#test/stack.ts";
import {
  deploy,
  type Deployed,
  ended,
  makeRelease,
  notesOf,
  operate,
  resourceOf,
  type Wish,
} from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const timing = { poll: 0.3, settle: 1, ttl: 30 };
const asked = { bake_seconds: 0, discard_disk: true };

async function active(stack: Stack, wish: Wish = {}): Promise<Deployed & { droplet: number; tags: string[] }> {
  await makeRelease(stack, "v1");
  const it = await deploy(stack, { release: "v1", ...wish });
  expect((await ended(stack, it.sagaId)).status).toBe("completed");
  await until("the catalogue", async () => stack.truth().requests.by_route["GET /v2/images"]);
  const [droplet] = stack.truth().droplets;
  return { ...it, droplet: droplet?.id ?? 0, tags: droplet?.tags ?? [] };
}

const ssh = { protocol: "tcp", ports: "22", sources: { addresses: ["0.0.0.0/0"] } };
const firewallsOf = z.object({ firewalls: z.array(z.object({ id: z.string() })) });
const http = { entry_protocol: "http", entry_port: 80, target_protocol: "http", target_port: 80 };

/** What somebody may have put on a droplet by hand, and as what it is named. @returns its id, where it has one */
const byHand: Readonly<Record<string, (stack: Stack, droplet: number) => Promise<unknown>>> = {
  "firewall web": (stack, id) =>
    stack.provider("POST", "/v2/firewalls", { name: "web", inbound_rules: [ssh], droplet_ids: [id] }),
  "firewall tagged": async (stack, id) => {
    const resources = [{ resource_id: String(id), resource_type: "droplet" }];
    await stack.provider("POST", "/v2/tags", { name: "prod" });
    await stack.provider("POST", "/v2/tags/prod/resources", { resources });
    await stack.provider("POST", "/v2/firewalls", { name: "tagged", inbound_rules: [ssh], tags: ["prod"] });
  },
  "load balancer front": (stack, id) =>
    stack.provider("POST", "/v2/load_balancers", {
      name: "front",
      region: "syd1",
      droplet_ids: [id],
      forwarding_rules: [http],
    }),
  "reserved IP 203.0.113.1": (stack, id) => stack.provider("POST", "/v2/reserved_ips", { droplet_id: id }),
  "volume ": async (stack, id) => {
    const made = { name: "theirs", region: "syd1", size_gigabytes: 10 };
    await stack.provider("POST", "/v2/volumes", made);
    const [volume] = stack.truth().volumes;
    const body = { type: "attach", droplet_id: id };
    await stack.provider("POST", `/v2/volumes/${volume?.id}/actions`, body);
    await until("it is attached", async () => stack.truth().volumes[0]?.droplet_id === id);
  },
};

test.each(Object.keys(byHand))("%s is named, and refuses before anything is made", async (name) => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  await byHand[name]?.(stack, it.droplet);
  await until("it lies on the droplet", async () => stack.truth().reserved_ips.every((each) => each.droplet_id));
  const created = stack.truth().created_total;
  const saga = await ended(stack, await operate(stack, it, "replace", asked), 120_000);
  expect(saga).toMatchObject({ status: "rolled_back", error: { code: "not_reproducible" } });
  expect(JSON.stringify(saga.error)).toContain(`Droplet ${it.droplet} is not replaced: ${name}`);
  expect(stack.truth().created_total).toBe(created);
  expect(await resourceOf(stack, it.id)).toMatchObject({ provider_id: it.droplet });

  // From now on whoever asks is told before anything is started.
  const plan = () =>
    stack.db
      .transaction()
      .execute((tx) => stack.sagas.planOperation(tx, { name: "replace", deploymentId: it.id }, asked));
  await expect(plan()).rejects.toMatchObject({ code: "not_reproducible", message: expect.stringContaining(name) });
});

test("what names a tag that the next droplet has as well, or is the deployment's own, refuses nothing", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack, { volumeGib: 10, reservedIp: true });
  const [tag] = it.tags.filter((each) => each.startsWith("arcadia-install-"));
  await stack.provider("POST", "/v2/firewalls", { name: "all", inbound_rules: [ssh], tags: [tag] });
  await stack.provider("POST", "/v2/load_balancers", {
    name: "other",
    region: "syd1",
    tag: "managed-by-arcadia-cloud",
    forwarding_rules: [http],
  });
  const id = await operate(stack, it, "replace", asked);
  const saga = await ended(stack, id, 160_000);
  expect([saga.status, saga.error]).toEqual(["completed", null]);
  // By the reserved IP, which led to the new droplet without DNS.
  expect((await notesOf(stack, id)).join("\n")).toMatch(/was down for \d+ s, while its volume was moved/);
});

test("what has been taken off again refuses nothing, also when a look of a moment ago shows it", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  await byHand["firewall web"]?.(stack, it.droplet);
  const first = await ended(stack, await operate(stack, it, "replace", asked), 120_000);
  expect(first.status).toBe("rolled_back");
  const plan = () =>
    stack.db
      .transaction()
      .execute((tx) => stack.sagas.planOperation(tx, { name: "replace", deploymentId: it.id }, asked));
  const { firewalls } = firewallsOf.parse(await (await stack.provider("GET", "/v2/firewalls")).json());
  await stack.provider("DELETE", `/v2/firewalls/${firewalls[0]?.id}`);
  await expect(plan()).rejects.toMatchObject({ code: "not_reproducible" });
  await stack.requestChore("sync");
  await until("a sync has looked again", () =>
    plan().then(
      () => true,
      () => false,
    ),
  );
  const saga = await ended(stack, await operate(stack, it, "replace", asked), 120_000);
  expect([saga.status, saga.error]).toEqual(["completed", null]);
});

test("a token that may read none of it keeps nobody from replacing: it is told that nothing is known", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  for (const path of ["firewalls", "load_balancers", "reserved_ips"])
    await stack.arm({ method: "GET", path: `^/v2/${path}$`, kind: "status", status: 403, times: 1000 });
  const id = await operate(stack, it, "replace", asked);
  expect((await ended(stack, id, 120_000)).status).toBe("completed");
  expect(await notesOf(stack, id)).toContainEqual(
    expect.stringContaining("firewall:read, load_balancer:read, reserved_ip:read"),
  );
});
