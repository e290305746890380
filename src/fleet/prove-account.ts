import type { Db } from "#db/connection.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { unlessMissing } from "#providers/digitalocean/errors.ts";
import { witnessesOf } from "#provider/witnesses.ts";

/**
 * Whether the account behind our token holds something that this database knows: a droplet, else our tag. Both are seen
 * by the tokens of their own team only.
 * @throws {DigitalOceanError} whatever does not tell: then it is not known
 */
export async function proveAccount(
  { db, digitalOcean }: { readonly db: Db; readonly digitalOcean: DigitalOcean },
  call: Call,
): Promise<boolean> {
  const witnesses = await witnessesOf(db);
  if (!witnesses) return true;
  for (const id of witnesses.droplets) if (await unlessMissing(digitalOcean.droplets.get(id, call))) return true;
  return (await unlessMissing(digitalOcean.tags.get(witnesses.tag, call))) !== undefined;
}
