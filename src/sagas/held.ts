import { PermanentError } from "#engine/failure.ts";
import type { Db } from "#db/connection.ts";
import type { Kind } from "#resources/kind.ts";
import type { Held } from "#resources/ledger.ts";
import { heldForOwner, liveRow, type Row } from "#resources/rows.ts";

type Readable<Handle extends object> = Pick<Kind<Handle, never, never>, "name" | "called" | "handle">;

/** What has this id, as the ledger holds it, whichever saga made it. @returns undefined once the ledger says that it is gone */
export async function heldById<Handle extends object>(
  db: Db,
  kind: Readable<Handle>,
  id: string | number,
): Promise<Held<Handle> | undefined> {
  return readBy(kind, await liveRow(db, kind.name, String(id)));
}

/** As `heldById`. @throws {PermanentError} such as `droplet_gone` */
export async function theHeld<Handle extends object>(
  db: Db,
  kind: Readable<Handle>,
  id: string | number,
): Promise<Held<Handle>> {
  const row = await heldById(db, kind, id);
  if (row) return row;
  const named = `${kind.called.charAt(0).toUpperCase()}${kind.called.slice(1)} ${id}`;
  throw new PermanentError(`${kind.name}_gone`, `${named} is gone: there is nothing to change`);
}

/** What the deployment has of the kind, as the ledger holds it as there. */
export async function heldThere<Handle extends object>(
  db: Db,
  kind: Readable<Handle>,
  { deployment_id }: { readonly deployment_id: string },
): Promise<Held<Handle> | undefined> {
  const rows = await heldForOwner(db, { deployment_id });
  return readBy(
    kind,
    rows.find((row) => row.kind === kind.name && row.phase === "there" && !row.surplus),
  );
}

const readBy = <Handle extends object>(kind: Readable<Handle>, row: Row | undefined): Held<Handle> | undefined =>
  row && { ...row, handle: kind.handle.parse(row.handle) };
