import { imageView, images, regions, regionView, sizes, sizeView } from "./catalogue.ts";
import { type Answer, type Call, notFound, pageOf } from "./call.ts";
import { createLabel, deleteLabel, getLabel, listLabels, relabel } from "./labels.ts";
import { createMachine, deleteMachine, getMachine, listMachines } from "./machines.ts";
import { deleteSnapshot, getSnapshot, listSnapshots } from "./snapshots.ts";
import { listWorks, startWork } from "./works.ts";
import { changeRecord, createRecord, deleteRecord, getRecord, getZone, listRecords } from "./zones.ts";

const account = (): Answer => ({
  status: 200,
  body: {
    account: {
      droplet_limit: 5000,
      floating_ip_limit: 5,
      email: "storm@example.com",
      name: "Storm",
      uuid: "7d4f6e0b-52c9-4a38-9e5d-0a1f1c3b7e55",
      email_verified: true,
      status: "active",
      status_message: "",
      team: { uuid: "e1a8b0c4-6d77-4c1e-8f0e-b3f7d6a9c210", name: "Storm" },
    },
  },
});

/** What the product calls, and nothing else. */
const routes: readonly [method: string, route: string, handle: (call: Call) => Answer][] = [
  ["GET", "account", account],
  ["GET", "regions", (call) => pageOf(call, "regions", regions, regionView)],
  ["GET", "sizes", (call) => pageOf(call, "sizes", sizes, ({ slug }) => sizeView(slug))],
  ["GET", "images", (call) => pageOf(call, "images", images, ({ slug }) => imageView(slug))],
  ["POST", "droplets", createMachine],
  ["GET", "droplets", listMachines],
  ["GET", "droplets/*", getMachine],
  ["DELETE", "droplets/*", deleteMachine],
  ["POST", "droplets/*/actions", startWork],
  ["GET", "droplets/*/actions", listWorks],
  ["GET", "snapshots", listSnapshots],
  ["GET", "snapshots/*", getSnapshot],
  ["DELETE", "snapshots/*", deleteSnapshot],
  ["POST", "tags", createLabel],
  ["GET", "tags", listLabels],
  ["GET", "tags/*", getLabel],
  ["DELETE", "tags/*", deleteLabel],
  ["POST", "tags/*/resources", (call) => relabel(call, true)],
  ["DELETE", "tags/*/resources", (call) => relabel(call, false)],
  ["GET", "domains/*", getZone],
  ["GET", "domains/*/records", listRecords],
  ["POST", "domains/*/records", createRecord],
  ["GET", "domains/*/records/*", getRecord],
  ["PUT", "domains/*/records/*", changeRecord],
  ["DELETE", "domains/*/records/*", deleteRecord],
];

export interface Route {
  /** As `DELETE droplets/*`. */
  readonly name: string;
  readonly handle: (call: Call) => Answer;
}

export function routeOf(method: string, path: readonly string[]): Route {
  const found = routes.find(([of, route]) => {
    const parts = route.split("/");
    return of === method && parts.length === path.length && parts.every((it, nth) => it === "*" || it === path[nth]);
  });
  return found ? { name: `${found[0]} ${found[1]}`, handle: found[2] } : { name: "unknown", handle: notFound };
}
