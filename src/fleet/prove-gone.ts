import type { Db } from "#db/connection.ts";
import { compare } from "#provider/account.ts";
import { readProvider } from "#provider/provider.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { unlessMissing } from "#providers/digitalocean/errors.ts";
import { installTag } from "#resources/kinds/droplet-handle.ts";

/** What makes it believable that a droplet is not there: one that should be there and is, or what our tag tells. */
export type Witness = number | "our tag";

/**
 * Whether the provider says by id that a droplet is not there, while the account is seen to be ours and the witness is
 * there. Three requests, made only of what has been missed for long.
 * @throws {DigitalOceanError} whatever does not tell: then it is not known
 */
export async function isGoneForGood(
  { db, digitalOcean, installId }: { readonly db: Db; readonly digitalOcean: DigitalOcean; readonly installId: string },
  providerId: number,
  witness: Witness,
  call: Call,
): Promise<boolean> {
  const { uuid, team_uuid } = await digitalOcean.account.get(call);
  if (compare({ user: uuid, team: team_uuid }, await readProvider(db)) !== "ours") return false;
  if (witness === "our tag") {
    // It outlives what carries it: that it is there, and on no droplet, is the account's own word. Volumes carry it too.
    const tag = await unlessMissing(digitalOcean.tags.get(installTag(installId), call));
    if (tag?.droplets !== 0) return false;
  } else if (!(await unlessMissing(digitalOcean.droplets.get(witness, call)))) return false;
  return (await unlessMissing(digitalOcean.droplets.get(providerId, call))) === undefined;
}
