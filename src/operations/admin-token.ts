import { rm } from "node:fs/promises";
import { recordAudit } from "#audit/queries.ts";
import type { Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import type { JsonObject } from "#db/json.ts";
import { transact } from "#db/transact.ts";
import type { Ids } from "#ids.ts";
import { createPrivateFile, readPrivateFile } from "#private-file.ts";
import { findTokenByHash, hasLiveAdminToken, insertToken, revokeReplaced } from "#tokens/queries.ts";
import { hashOfToken, isTokenSecret, newTokenSecret } from "#tokens/token-secret.ts";

interface Start {
  /** ARCADIA_ADMIN_TOKEN: taken instead of a generated one, and written to no file. */
  readonly token?: string | undefined;
  readonly file: string;
  /** The machine whose file it is, where others may share the database; undefined: it is this server's own. */
  readonly machine?: string | undefined;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface AdminToken {
  /** Whether a token was made. */
  readonly created: boolean;
  /** The file that holds it, if one does. */
  readonly file: string | undefined;
  /** It is no longer taken: somebody revoked it, or it was replaced. */
  readonly revoked: boolean;
}

/**
 * Sees to it that there is an admin token, at every start. The file is written before the row: a start that dies
 * between the two is completed by the next, which registers what it finds in the file.
 * A file that was deleted gives a new token. One whose token was revoked does so only when no other admin is left.
 * A new token, from outside or in the file, replaces the one that was there before: that one is revoked. One that was
 * revoked stays so, although it comes from outside again.
 */
export async function ensureAdminToken(db: Db, start: Start): Promise<AdminToken> {
  if (start.token !== undefined) {
    const created = await register(db, start, start.token, "admin (from outside)", "environment");
    const known = created ? undefined : await findTokenByHash(db, hashOfToken(start.token));
    return { created, file: undefined, revoked: known !== undefined && known.revoked_at !== null };
  }
  const origin = start.machine === undefined ? "file" : `file of ${start.machine}: ${start.file}`;
  const found = (await readPrivateFile(start.file))?.trim();
  if (found !== undefined && isTokenSecret(found)) {
    const known = await findTokenByHash(db, hashOfToken(found));
    if (!known) return { created: await register(db, start, found, "admin", origin), file: start.file, revoked: false };
    const now = start.clock.now();
    const usable = !known.revoked_at && (!known.expires_at || known.expires_at > now);
    if (usable || (await hasLiveAdminToken(db, now))) return { created: false, file: start.file, revoked: !usable };
  }
  await rm(start.file, { force: true });
  const secret = newTokenSecret(start.ids);
  if (!(await createPrivateFile(start.file, `${secret}\n`)))
    throw new Error(
      `Another process wrote ${start.file} at this moment; no token was made. Start again with one process.`,
    );
  return { created: await register(db, start, secret, "admin", origin), file: start.file, revoked: false };
}

async function register(db: Db, start: Start, secret: string, name: string, origin: string): Promise<boolean> {
  const { clock, ids } = start;
  return transact(db, async (tx) => {
    const now = clock.now();
    const row = await insertToken(tx, {
      id: ids.uuid(),
      name,
      hash: hashOfToken(secret),
      role: "admin",
      tenant_id: null,
      created_at: now,
      expires_at: null,
      origin,
    });
    if (!row) return false;
    const audit = (action: string, id: string, detail: JsonObject) =>
      recordAudit(tx, {
        id: ids.uuid(),
        at: now,
        token_id: null,
        subject: "start of the server",
        action,
        object_type: "token",
        object_id: id,
        tenant_id: null,
        request_id: null,
        address: null,
        detail,
      });
    await audit("token.create", row.id, { name, role: "admin" });
    for (const { id } of await revokeReplaced(tx, origin, row.id, now))
      await audit("token.revoke", id, { name, role: "admin", replaced_by: row.id });
    return true;
  });
}
