import { z } from "zod";
import { bodyOf, type Call, iso, param, type Reply } from "./call.ts";
import { seededUuid } from "./chance.ts";
import { ApiError, notFound, unprocessable } from "./errors.ts";
import { type Firewall, type Rules, rulesShape } from "./firewall.ts";
import { addRules, removeRules, rulesOf } from "./firewall-rules.ts";
import { foundDroplet } from "./found-droplet.ts";
import { page } from "./pagination.ts";
import { findTag } from "./tags.ts";

const dropletIds = z.array(z.number().int());
const tagNames = z.array(z.string());
const shape = rulesShape.extend({
  name: z.string().default(""),
  droplet_ids: dropletIds.nullish(),
  tags: tagNames.nullish(),
});

const body = ({ createdAt, ...firewall }: Firewall): object => ({
  ...firewall,
  status: "succeeded",
  created_at: iso(createdAt),
  pending_changes: [],
});

function firewallOfPath(call: Call): Firewall {
  const firewall = call.account.firewalls.get(param(call, 0));
  if (!firewall) throw notFound();
  return firewall;
}

/** What the body asks for, checked: a name of its own, a rule at least, droplets and tags that there are. */
function wanted(call: Call, id: string): Omit<Firewall, "id" | "createdAt"> {
  const { name, droplet_ids, tags, ...sent } = bodyOf(call, shape);
  if (!/^[a-zA-Z0-9][a-zA-Z0-9.-]{1,254}$/.test(name)) throw unprocessable("name is not valid");
  const rules = rulesOf(sent);
  if (rules.inbound_rules.length + rules.outbound_rules.length === 0)
    throw unprocessable("at least one inbound or outbound rule is required");
  checkTargets(call, rules);
  if ([...call.account.firewalls.values()].some((each) => each.name === name && each.id !== id))
    throw new ApiError(409, "duplicate name");
  return { name, droplet_ids: knownDroplets(call, droplet_ids ?? []), tags: knownTags(call, tags ?? []), ...rules };
}

/** Throws the 422 for a target that is no address, droplet or tag: "Tag names must exist in order to be referenced in a request". */
function checkTargets(call: Call, { inbound_rules: inbound, outbound_rules: outbound }: Rules): void {
  for (const target of [...inbound.map((it) => it.sources), ...outbound.map((it) => it.destinations)]) {
    const wrong = target.addresses?.find((each) => !address.safeParse(each).success);
    if (wrong !== undefined) throw unprocessable(`address ${wrong} is no IP address and no CIDR`);
    knownDroplets(call, target.droplet_ids ?? []);
    knownTags(call, target.tags ?? []);
  }
}

const address = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

function knownDroplets(call: Call, ids: readonly number[]): number[] {
  for (const id of ids) {
    const droplet = call.account.droplets.get(id);
    if (!droplet || droplet.deletion) throw unprocessable(`droplet ${id} is not found`);
  }
  return [...new Set(ids)];
}

function knownTags(call: Call, names: readonly string[]): string[] {
  for (const name of names) if (!findTag(call.account, name)) throw unprocessable(`tag ${name} is not found`);
  return [...new Set(names)];
}

/** GET /v2/firewalls */
export const listFirewalls = (call: Call): Reply => page(call, "firewalls", [...call.account.firewalls.values()], body);

/** GET /v2/firewalls/{id} */
export const getFirewall = (call: Call): Reply => ({ status: 200, body: { firewall: body(firewallOfPath(call)) } });

/** POST /v2/firewalls */
export function createFirewall(call: Call): Reply {
  const { account } = call;
  const asked = wanted(call, "");
  const id = seededUuid(account.seed, `firewall ${account.nextId++}`);
  const firewall = { ...asked, id, createdAt: call.now };
  account.firewalls.set(id, firewall);
  return { status: 202, body: { firewall: body(firewall) } };
}

/** PUT /v2/firewalls/{id}: what is not sent is taken away. */
export function updateFirewall(call: Call): Reply {
  const firewall = firewallOfPath(call);
  Object.assign(firewall, wanted(call, firewall.id));
  return { status: 200, body: { firewall: body(firewall) } };
}

/** DELETE /v2/firewalls/{id} */
export function deleteFirewall(call: Call): Reply {
  call.account.firewalls.delete(firewallOfPath(call).id);
  return { status: 204 };
}

/** POST and DELETE /v2/firewalls/{id}/droplets */
export const changeDroplets =
  (add: boolean) =>
  (call: Call): Reply => {
    const firewall = firewallOfPath(call);
    const { droplet_ids: ids } = bodyOf(call, z.object({ droplet_ids: dropletIds.min(1) }));
    const others = firewall.droplet_ids.filter((id) => !ids.includes(id));
    firewall.droplet_ids = add ? [...others, ...knownDroplets(call, ids)] : others;
    return { status: 204 };
  };

/** POST and DELETE /v2/firewalls/{id}/tags */
export const changeTags =
  (add: boolean) =>
  (call: Call): Reply => {
    const firewall = firewallOfPath(call);
    const { tags } = bodyOf(call, z.object({ tags: tagNames.min(1) }));
    const others = firewall.tags.filter((name) => !tags.includes(name));
    firewall.tags = add ? [...others, ...knownTags(call, tags)] : others;
    return { status: 204 };
  };

/** POST and DELETE /v2/firewalls/{id}/rules */
export const changeRules =
  (add: boolean) =>
  (call: Call): Reply => {
    const firewall = firewallOfPath(call);
    const rules = rulesOf(bodyOf(call, rulesShape));
    if (rules.inbound_rules.length + rules.outbound_rules.length === 0) throw unprocessable("no rules were sent");
    if (add) {
      checkTargets(call, rules);
      addRules(firewall, rules);
    } else removeRules(firewall, rules);
    return { status: 204 };
  };

/** GET /v2/droplets/{id}/firewalls: those that name it, or a tag of its. */
export function listDropletFirewalls(call: Call): Reply {
  const droplet = foundDroplet(call);
  const tags = droplet.tags.map((tag) => tag.name);
  const applied = [...call.account.firewalls.values()].filter(
    (firewall) => firewall.droplet_ids.includes(droplet.id) || firewall.tags.some((name) => tags.includes(name)),
  );
  return page(call, "firewalls", applied, body);
}

/** GET /v2/droplets/{id}/neighbors: every droplet has a host of its own, so there are none. */
export function listNeighbors(call: Call): Reply {
  foundDroplet(call);
  return { status: 200, body: { droplets: [] } };
}
