import { type Deployment, deployment } from "#api/deployments.ts";
import { hostname, id } from "#api/fields.ts";
import { fill, paths } from "#api/paths.ts";
import { NotFound } from "#cli/failure.ts";
import type { Api } from "./client.ts";
import { idOf, kinds, onlyOf } from "./find-by-id.ts";
import { list } from "./pages.ts";

const isOver = ({ status }: Deployment): boolean => status === "cancelled" || status === "terminated";

/**
 * The id of a deployment named by its id or the beginning of it, its hostname or name. Among several, the one that is not over.
 * @throws {NotFound} when there is none, {Failure} when several could be meant
 */
export async function deploymentId(api: Api, reference: string): Promise<string> {
  const found = await findDeployment(api, reference);
  if (found === undefined) throw new NotFound(`There is no deployment ${reference}; see arcadia deployments list`);
  return found;
}

/** @returns undefined when there is none. @throws {Failure} when several could be meant */
export async function findDeployment(api: Api, reference: string): Promise<string | undefined> {
  const asId = id.safeParse(reference);
  if (asId.success) return asId.data;
  const byHostname = hostname.safeParse(reference);
  const found = byHostname.success ? await matching(api, { hostname: byHostname.data }) : [];
  const candidates = found.length > 0 ? found : await named(api, reference);
  const live = candidates.filter((it) => !isOver(it));
  const those = (live.length > 0 ? live : candidates).map((it) => ({
    id: it.id,
    told: `${it.id}  ${it.hostname}  ${it.status}`,
  }));
  return onlyOf(those, "deployments", reference)?.id ?? (await idOf(api, kinds.deployment, reference));
}

/** The id of a saga: by its own or the beginning of it; by its deployment's hostname or name, the newest of that. @throws {NotFound} {Failure} */
export async function sagaId(api: Api, reference: string): Promise<string> {
  const own = await idOf(api, kinds.saga, reference);
  if (own !== undefined) return own;
  const found = await findDeployment(api, reference);
  if (found === undefined) throw new NotFound(`There is no saga ${reference}; see arcadia sagas list`);
  const { saga } = (await api.get(fill(paths.deployment, { id: found }), deployment)).value;
  if (!saga) throw new NotFound(`Deployment ${reference} has no saga yet`);
  return saga.id;
}

/** The droplet's id at the provider: given as such, or as its deployment. @throws {NotFound} {Failure} */
export async function dropletOf(api: Api, reference: string): Promise<number> {
  if (/^\d{1,15}$/.test(reference)) return Number(reference);
  const found = await deploymentId(api, reference);
  const { resource } = (await api.get(fill(paths.deployment, { id: found }), deployment)).value;
  if (!resource) throw new NotFound(`Deployment ${reference} has no droplet`);
  return resource.provider_id;
}

const named = async (api: Api, name: string): Promise<Deployment[]> =>
  (await matching(api, { q: name })).filter((it) => it.name === name);

const matching = async (api: Api, query: Record<string, string>): Promise<readonly Deployment[]> =>
  (await list(api, paths.deployments, deployment, query, { all: true })).value.items;
