import { hasEnded } from "#saga-ended.ts";
import type { Db, Tx } from "#db/connection.ts";
import { recordHandle, recordKind } from "#resources/kinds/record-handle.ts";
import { reservedIpHandle, reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { dropletKind, handleShape } from "#resources/kinds/droplet-handle.ts";
import { heldBySagas, type Row } from "#resources/rows.ts";

/** What a saga has at the provider, as the ledger has it: what is left behind if nobody runs it on. */
export interface Leaves {
  /** `provider_id` is null while it is not known whether a create made one: it is looked for by its name. */
  readonly droplets: readonly { readonly provider_id: number | null; readonly name: string | null }[];
  readonly dns_records: readonly { readonly id: number | null; readonly name: string; readonly type: string }[];
  readonly reserved_ips: readonly { readonly ip: string | null; readonly region: string }[];
}

/** What each of these sagas that has not ended has at the provider, by the saga's id. */
export async function leavesOf(
  db: Db | Tx,
  sagas: readonly { readonly id: string; readonly status: string }[],
): Promise<Map<string, Leaves>> {
  const live = sagas.filter(({ status }) => !hasEnded(status)).map(({ id }) => id);
  const bySaga = Map.groupBy(await heldBySagas(db, live), (row) => row.saga_id);
  return new Map(live.map((id) => [id, leaves(bySaga.get(id) ?? [])]));
}

const leaves = (rows: readonly Row[]): Leaves => ({
  droplets: rows
    .filter(({ kind }) => kind === dropletKind)
    .map((row) => ({ provider_id: idOf(row), name: handleShape.parse(row.handle).name || null })),
  dns_records: rows
    .filter(({ kind }) => kind === recordKind)
    .map((row) => {
      const { hostname, type } = recordHandle.parse(row.handle);
      return { id: idOf(row), name: hostname, type };
    }),
  reserved_ips: rows.filter(({ kind }) => kind === reservedIpKind).map(reservedIn),
});

export const reservedIn = ({ provider_id: ip, handle }: Pick<Row, "provider_id" | "handle">) => ({
  ip,
  region: reservedIpHandle.parse(handle).region,
});

/** DigitalOcean's ids of both are whole numbers. */
export const idOf = ({ provider_id: id }: Pick<Row, "provider_id">): number | null => (id === null ? null : Number(id));

/** The ids alone, for the log. */
export const idsOf = ({
  droplets,
  dns_records,
  reserved_ips,
}: Leaves): Readonly<Record<string, readonly (number | string)[]>> => ({
  droplet_ids: droplets.flatMap(({ provider_id: id }) => id ?? []),
  dns_record_ids: dns_records.flatMap(({ id }) => id ?? []),
  reserved_ips: reserved_ips.flatMap(({ ip }) => ip ?? []),
});
