import { rm } from "node:fs/promises";
import { recordAudit } from "#audit/queries.ts";
import type { Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import type { Ids } from "#ids.ts";
import { createPrivateFile, readPrivateFile } from "#private-file.ts";
import { findTokenByHash, hasLiveAdminToken, insertToken } from "./queries.ts";
import { hashOfToken, isTokenSecret, newTokenSecret } from "./token-secret.ts";

interface Start {
  /** ARCADIA_ADMIN_TOKEN: taken instead of a generated one, and written to no file. */
  readonly token?: string | undefined;
  readonly file: string;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * Sees to it that there is an admin token, at every start. The file is written before the row: a start that dies
 * between the two is completed by the next, which registers what it finds in the file.
 * A file that was deleted gives a new token. One whose token was revoked does so only when no other admin is left.
 * @returns whether a token was made, and the file that holds it, if one does
 */
export async function ensureAdminToken(
  db: Db,
  start: Start,
): Promise<{ readonly created: boolean; readonly file: string | undefined }> {
  if (start.token !== undefined)
    return { created: await register(db, start, start.token, "admin (from outside)"), file: undefined };
  const found = (await readPrivateFile(start.file))?.trim();
  if (found !== undefined && isTokenSecret(found)) {
    const known = await findTokenByHash(db, hashOfToken(found));
    if (!known) return { created: await register(db, start, found, "admin"), file: start.file };
    const now = start.clock.now();
    const usable = !known.revoked_at && (!known.expires_at || known.expires_at > now);
    if (usable || (await hasLiveAdminToken(db, now))) return { created: false, file: start.file };
  }
  await rm(start.file, { force: true });
  const secret = newTokenSecret(start.ids);
  if (!(await createPrivateFile(start.file, `${secret}\n`)))
    throw new Error(
      `Another process wrote ${start.file} at this moment; no token was made. Start again with one process.`,
    );
  return { created: await register(db, start, secret, "admin"), file: start.file };
}

async function register(db: Db, start: Start, secret: string, name: string): Promise<boolean> {
  const { clock, ids } = start;
  return db.transaction().execute(async (tx) => {
    const row = await insertToken(tx, {
      id: ids.uuid(),
      name,
      hash: hashOfToken(secret),
      role: "admin",
      tenant_id: null,
      created_at: clock.now(),
      expires_at: null,
    });
    if (!row) return false;
    await recordAudit(tx, {
      id: ids.uuid(),
      at: clock.now(),
      token_id: null,
      subject: "start of the server",
      action: "token.create",
      object_type: "token",
      object_id: row.id,
      tenant_id: null,
      request_id: null,
      address: null,
      detail: { name, role: "admin" },
    });
    return true;
  });
}
