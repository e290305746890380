import { z } from "zod";
import type { Droplet } from "./account-state.ts";
import { startAction } from "./action-effects.ts";
import { actionBody, otherActions, refusePending, startOther } from "./actions.ts";
import { bodyOf, type Call, idOf, param, type Reply } from "./call.ts";
import { findRegion } from "./catalogue.ts";
import { dropletBody, isFound } from "./droplet-view.ts";
import { notFound, unprocessable } from "./errors.ts";
import { page } from "./pagination.ts";
import type { ReservedIp } from "./reserved-ip.ts";
import { settle, settleAll } from "./settle.ts";

function body(call: Call, reserved: ReservedIp): object {
  const droplet = call.account.droplets.get(reserved.dropletId ?? Number.NaN);
  return {
    ip: reserved.ip,
    region: findRegion(reserved.region),
    droplet: droplet ? dropletBody(call, droplet) : null,
    locked: false,
    project_id: call.account.projectOf.get(`do:reservedip:${reserved.ip}`)?.project ?? defaultProject(call),
  };
}

const defaultProject = (call: Call): string =>
  [...call.account.projects.values()].find((project) => project.isDefault)?.id ?? "";

const newReservedIp = z.object({
  region: z.string().nullish(),
  droplet_id: z.number().int().nullish(),
  project_id: z.uuid().nullish(),
});

const resourceOf = ({ ip }: ReservedIp) => ({
  type: "reserved_ip",
  id: ip.split(".").reduce((number, octet) => number * 256 + Number(octet), 0),
  key: ip,
});

function reservedOfPath(call: Call): ReservedIp {
  settleAll(call.account, call.now);
  const reserved = call.account.reservedIps.get(param(call, 0));
  if (!reserved) throw notFound();
  return reserved;
}

/** GET /v2/reserved_ips */
export function listReservedIps(call: Call): Reply {
  settleAll(call.account, call.now);
  return page(call, "reserved_ips", [...call.account.reservedIps.values()], (reserved) => body(call, reserved));
}

/** GET /v2/reserved_ips/{ip} */
export const getReservedIp = (call: Call): Reply => ({
  status: 200,
  body: { reserved_ip: body(call, reservedOfPath(call)) },
});

/** POST /v2/reserved_ips: for a region, in a project of one's own, or for a droplet, to which it is assigned, in the project of that. */
export function createReservedIp(call: Call): Reply {
  const { account } = call;
  const sent = bodyOf(call, newReservedIp);
  const droplet = sent.droplet_id ? dropletToAssign(call, sent.droplet_id) : undefined;
  const region = droplet?.region ?? sent.region ?? "";
  if (!findRegion(region)) throw unprocessable("Region is not available");
  const project = droplet
    ? account.projectOf.get(`do:droplet:${droplet.id}`)?.project
    : (sent.project_id ?? defaultProject(call));
  if (project !== undefined && !account.projects.has(project)) throw unprocessable("the project is not found");
  // 203.0.113.0/24 is set aside for documentation (RFC 5737); an address given back is free again.
  const hosts = Array.from({ length: 254 }, (_, index) => `203.0.113.${index + 1}`);
  const ip = hosts.find((each) => !account.reservedIps.has(each));
  if (ip === undefined) throw unprocessable("You have reached the limit of Reserved IPs.");
  const reserved: ReservedIp = { ip, region, dropletId: null };
  account.reservedIps.set(ip, reserved);
  const urn = `do:reservedip:${ip}`;
  if (project !== undefined && project !== defaultProject(call))
    account.projectOf.set(urn, { urn, project, at: call.now });
  const action = droplet
    ? assign(call, reserved, droplet)
    : startOther(call, "reserve_ip", resourceOf(reserved), region);
  const actions = [{ id: action.id, rel: action.type, href: `${call.origin}/v2/actions/${action.id}` }];
  const droplets = droplet
    ? [{ id: droplet.id, rel: "droplet", href: `${call.origin}/v2/droplets/${droplet.id}` }]
    : [];
  return { status: 202, body: { reserved_ip: body(call, reserved), links: { droplets, actions } } };
}

/** DELETE /v2/reserved_ips/{ip}: not while something is on its way to it (doctl#493). */
export function deleteReservedIp(call: Call): Reply {
  const { ip } = reservedOfPath(call);
  refusePending(call, "reserved_ip", ip);
  call.account.reservedIps.delete(ip);
  call.account.projectOf.delete(`do:reservedip:${ip}`);
  return { status: 204 };
}

/** POST /v2/reserved_ips/{ip}/actions: assign and unassign. */
export function createReservedIpAction(call: Call): Reply {
  const reserved = reservedOfPath(call);
  const sent = bodyOf(call, z.object({ type: z.string().default(""), droplet_id: z.number().int().nullish() }));
  if (sent.type !== "assign" && sent.type !== "unassign") throw unprocessable("The action type is not valid.");
  refusePending(call, "reserved_ip", reserved.ip);
  const action =
    sent.type === "assign"
      ? assign(call, reserved, dropletToAssign(call, sent.droplet_id ?? Number.NaN))
      : unassign(call, reserved);
  return { status: 201, body: { action: actionBody(action, call.now) } };
}

function dropletToAssign(call: Call, id: number): Droplet {
  const droplet = call.account.droplets.get(id);
  if (!droplet || !isFound(droplet, call.now)) throw notFound();
  settle(call.account, droplet, call.now);
  if (droplet.pendingAction !== null) throw unprocessable("Droplet already has a pending event.");
  if (!droplet.publicNetworking) throw unprocessable("Public networking is disabled for this Droplet.");
  return droplet;
}

function assign(call: Call, reserved: ReservedIp, droplet: Droplet) {
  if (droplet.region !== reserved.region) throw unprocessable("The Reserved IP is in another region than the Droplet.");
  const change = { reservedIp: { ip: reserved.ip, dropletId: droplet.id } };
  const endsAt = call.now + call.settings.bootMs;
  return startAction(call.account, droplet, "assign_ip", call.now, endsAt, change, resourceOf(reserved));
}

function unassign(call: Call, reserved: ReservedIp) {
  if (reserved.dropletId === null) throw unprocessable("The Reserved IP is not assigned to a Droplet.");
  reserved.dropletId = null;
  return startOther(call, "unassign_ip", resourceOf(reserved), reserved.region);
}

/** GET /v2/reserved_ips/{ip}/actions */
export const listReservedIpActions = (call: Call): Reply =>
  page(call, "actions", otherActions(call, "reserved_ip", reservedOfPath(call).ip), (action) =>
    actionBody(action, call.now),
  );

/** GET /v2/reserved_ips/{ip}/actions/{action_id} */
export function getReservedIpAction(call: Call): Reply {
  const id = idOf(param(call, 1));
  const action = otherActions(call, "reserved_ip", reservedOfPath(call).ip).find((each) => each.id === id);
  if (!action) throw notFound();
  return { status: 200, body: { action: actionBody(action, call.now) } };
}
