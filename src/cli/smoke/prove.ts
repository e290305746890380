import { fill, paths } from "#api/paths.ts";
import { orphan, type Resource, resource } from "#api/resources.ts";
import { type Saga, startedSaga } from "#api/sagas.ts";
import type { Api } from "#cli/api/client.ts";
import { list } from "#cli/api/pages.ts";
import type { Cli } from "#cli/cli.ts";
import { duration } from "#cli/output/time.ts";
import { watchSaga } from "#cli/watch/watch-saga.ts";
import { readAccount } from "./account.ts";
import type { Proofs } from "./proofs.ts";

export interface Wanted {
  readonly region: string;
  readonly size_slug: string;
  readonly image: string;
}

interface Smoke {
  readonly cli: Cli;
  readonly api: Api;
  readonly proofs: Proofs;
  readonly json: boolean;
}

/**
 * Makes a droplet, destroys it, and proves each part from what the API then says. A droplet that is not as it should
 * be is destroyed all the same. @returns for how many seconds a droplet was paid for, at most
 */
export async function proveLifecycle(smoke: Smoke, wanted: Wanted): Promise<number> {
  const { cli, api, proofs } = smoke;
  const before = await readAccount(cli, api);
  const orphansBefore = await orphanIds(api);
  proofs.check("account before", true, counted(before.size, "droplet"));

  const { made, begun } = await proveProvisioned(smoke, wanted);
  const ended = made && (await proveDestroyed(smoke, made));
  const seconds = made ? ((ended ?? cli.clock.now()).getTime() - begun.getTime()) / 1000 : 0;

  proveSame(proofs, before, await readAccount(cli, api));
  const left = [...(await orphanIds(api))].filter((id) => !orphansBefore.has(id));
  proofs.check("nothing left over", left.length === 0, counted(left.length, "new orphan"));
  return seconds;
}

/** @returns the droplet's row in the inventory, when there is one, and when its saga began */
async function proveProvisioned({ cli, api, proofs, json }: Smoke, wanted: Wanted) {
  const name = `arcadia-smoke-${cli.ids.uuid().slice(-8)}`;
  const started = await api.post(paths.droplets, startedSaga, { name, ...wanted });
  const saga = await watchSaga(cli, api, started.value.saga, { json });
  proofs.check("provision saga completed", saga.status === "completed", ending(saga));
  const made = await find(api, {}, (it) => it.tags.includes(`arcadia-saga-${saga.id}`));
  proofs.check(
    "registered in the inventory",
    made?.status === "active" && made.public_ipv4 !== null,
    made ? `droplet ${made.provider_id} is ${made.status} at ${made.public_ipv4}` : "no row carries the saga's tag",
  );
  const recorded = made?.managed && made.region === wanted.region && made.size_slug === wanted.size_slug;
  const spec = made && `${made.size_slug}, ${made.image}, in ${made.region}`;
  proofs.check("spec recorded", recorded ?? false, spec ?? "no row");
  return { made, begun: new Date(saga.created_at) };
}

/** @returns when the droplet was gone, if it is */
async function proveDestroyed({ cli, api, proofs, json }: Smoke, made: Resource): Promise<Date | undefined> {
  const started = await api.delete(fill(paths.droplet, { provider_id: made.provider_id }), startedSaga);
  const saga = await watchSaga(cli, api, started.value.saga, { json });
  const done = saga.status === "completed";
  proofs.check("destroy saga completed", done, ending(saga));
  const step = saga.steps.find((it) => it.name === "destroy_droplet");
  const absence = "two complete listings of the account and a 404 by its id";
  proofs.check("404 at the provider", step?.status === "completed", `destroy_droplet ends only after ${absence}`);
  const row = await find(api, { deleted: true }, (it) => it.provider_id === made.provider_id);
  proofs.check("row marked deleted", row !== undefined, row?.deleted_at ?? `droplet ${made.provider_id} is not marked`);
  return done && saga.finished_at !== null ? new Date(saga.finished_at) : undefined;
}

function proveSame(proofs: Proofs, before: ReadonlyMap<number, Resource>, after: ReadonlyMap<number, Resource>): void {
  const more = [...after.values()].filter((it) => !before.has(it.provider_id));
  const fewer = [...before.values()].filter((it) => !after.has(it.provider_id));
  const named = (sign: string, them: readonly Resource[]) => them.map((it) => `, ${sign}${it.provider_id} ${it.name}`);
  const changes = [...named("+", more), ...named("-", fewer)].join("");
  const same = more.length === 0 && fewer.length === 0;
  proofs.check("account back to what it held", same, counted(after.size, "droplet") + changes);
}

async function find(
  api: Api,
  query: Record<string, boolean>,
  is: (it: Resource) => boolean,
): Promise<Resource | undefined> {
  const { value } = await list(api, paths.resources, resource, query, { all: true });
  return value.items.find(is);
}

async function orphanIds(api: Api): Promise<ReadonlySet<number>> {
  const { value } = await list(api, paths.orphans, orphan, {}, { all: true });
  return new Set(value.items.filter((it) => it.verdict !== "destroyed").map((it) => it.provider_id));
}

const ending = ({ id, status, error, started_at, finished_at }: Saga): string => {
  const took = started_at && finished_at ? ` in ${duration(started_at, finished_at)}` : "";
  return `saga ${id} ${status}${took}${error ? `: ${error.message}` : ""}`;
};

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
