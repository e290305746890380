import { type Deployment, deployment } from "#api/deployments.ts";
import { hostname, id } from "#api/fields.ts";
import { paths } from "#api/paths.ts";
import { Failure, NotFound } from "#cli/failure.ts";
import type { Api } from "./client.ts";
import { list } from "./pages.ts";

const isOver = ({ status }: Deployment): boolean => status === "cancelled" || status === "terminated";

/**
 * The id of a deployment named by its id, hostname or name. Among several, the one that is not over.
 * @throws {NotFound} when there is none, {Failure} when several could be meant
 */
export async function deploymentId(api: Api, reference: string): Promise<string> {
  const asId = id.safeParse(reference);
  if (asId.success) return asId.data;
  const byHostname = hostname.safeParse(reference);
  const found = byHostname.success ? await matching(api, { hostname: byHostname.data }) : [];
  const candidates = found.length > 0 ? found : await named(api, reference);
  const live = candidates.filter((it) => !isOver(it));
  const [only, ...others] = live.length > 0 ? live : candidates;
  if (!only) throw new NotFound(`There is no deployment ${reference}; see arcadia deployments list`);
  if (others.length === 0) return only.id;
  const each = [only, ...others].map((it) => `  ${it.id}  ${it.hostname}  ${it.status}`);
  throw new Failure([`${reference} could be any of these deployments; say which by its id`, ...each].join("\n"));
}

const named = async (api: Api, name: string): Promise<Deployment[]> =>
  (await matching(api, { q: name })).filter((it) => it.name === name);

const matching = async (api: Api, query: Record<string, string>): Promise<readonly Deployment[]> =>
  (await list(api, paths.deployments, deployment, query, { all: true })).value.items;
