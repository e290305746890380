import type { z } from "zod";
import { deployment } from "#api/deployments.ts";
import { id, idPrefix } from "#api/fields.ts";
import { fill, paths } from "#api/paths.ts";
import { saga } from "#api/sagas.ts";
import { tenant } from "#api/tenants.ts";
import { token } from "#api/tokens.ts";
import { delivery, webhook } from "#api/webhooks.ts";
import { Failure } from "#cli/failure.ts";
import { printable } from "#cli/output/printable.ts";
import type { Api } from "./client.ts";
import { list } from "./pages.ts";

/** Something that has an id, by which other commands find it. */
export interface Candidate {
  readonly id: string;
  /** For people. */
  readonly told: string;
}

interface Kind {
  readonly those: string;
  /** Those whose ids begin so, and perhaps others. */
  readonly find: (api: Api, prefix: string) => Promise<readonly Candidate[]>;
}

/** More than anybody reads. */
const most = 20;

const kind = <Item extends z.ZodType>(
  { those, path, item, isFew = false }: { those: string; path: string; item: Item; isFew?: boolean },
  told: (it: z.infer<Item>) => Candidate,
): Kind => ({
  those,
  async find(api, prefix) {
    const { value } = isFew
      ? await list(api, path, item, {}, { all: true })
      : await list(api, path, item, { id_prefix: prefix }, { limit: most });
    return value.items.map(told);
  },
});

const candidate = (itsId: string, ...words: string[]): Candidate => ({ id: itsId, told: [itsId, ...words].join("  ") });

export const kinds = {
  deployment: kind({ those: "deployments", path: paths.deployments, item: deployment }, (it) =>
    candidate(it.id, it.hostname, it.status),
  ),
  saga: kind({ those: "sagas", path: paths.sagas, item: saga }, (it) => candidate(it.id, it.name, it.status)),
  tenant: kind({ those: "tenants", path: paths.tenants, item: tenant }, (it) => candidate(it.id, it.slug)),
  token: kind({ those: "tokens", path: paths.tokens, item: token, isFew: true }, (it) => candidate(it.id, it.name)),
  webhook: kind({ those: "webhooks", path: paths.webhooks, item: webhook, isFew: true }, (it) =>
    candidate(it.id, it.url),
  ),
};

/** What was, or is to be, sent to a webhook. */
export const deliveryOf = (webhookId: string): Kind =>
  kind({ those: "deliveries", path: fill(paths.webhookDeliveries, { id: webhookId }), item: delivery }, (it) =>
    candidate(it.id, it.type, it.status),
  );

/**
 * The id that is given whole, or that alone of its kind begins so.
 * @returns undefined where none does, and for what is no beginning of an id
 * @throws {Failure} where several do
 */
export async function idOf(api: Api, what: Kind, reference: string): Promise<string | undefined> {
  const whole = id.safeParse(reference);
  if (whole.success) return whole.data;
  return onlyOf(await beginningWith(api, what, reference), what.those, reference)?.id;
}

async function beginningWith(api: Api, { find }: Kind, reference: string): Promise<readonly Candidate[]> {
  const prefix = idPrefix.safeParse(reference);
  if (!prefix.success) return [];
  return (await find(api, prefix.data)).filter((it) => it.id.startsWith(prefix.data));
}

/** @throws {Failure} that names all of them, where several could be meant */
export function onlyOf(candidates: readonly Candidate[], those: string, reference: string): Candidate | undefined {
  const [only, ...others] = candidates;
  if (others.length === 0) return only;
  const each = candidates.map((it) => `  ${printable(it.told)}`);
  throw new Failure([`${reference} could be any of these ${those}; say which by its id`, ...each].join("\n"));
}
