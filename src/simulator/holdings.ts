import { z } from "zod";
import { firstKey, type SshKey, sshKeySchema } from "./ssh-key.ts";
import { type StoredImage, storedImageSchema } from "./stored-image.ts";
import { defaultVpcs, type Vpc, vpcSchema } from "./vpc.ts";

/** What an account has beside its droplets, zones and tags. */
export interface Holdings {
  keys: Map<number, SshKey>;
  images: Map<number, StoredImage>;
  vpcs: Map<string, Vpc>;
}

export const holdingsSchema = z
  .object({ keys: z.array(sshKeySchema), images: z.array(storedImageSchema), vpcs: z.array(vpcSchema) })
  .partial();

type Saved = z.output<typeof holdingsSchema>;

/** What was saved; of what an older release did not know yet, and without anything saved, what a new account has. */
export function holdings(seed: number, now: number, saved: Saved = {}): Holdings {
  const { keys = [{ ...firstKey }], images = [], vpcs = defaultVpcs(seed, now) } = saved;
  return { keys: byId(keys), images: byId(images), vpcs: byId(vpcs) };
}

export const savedHoldings = ({ keys, images, vpcs }: Holdings): Saved => ({
  keys: [...keys.values()],
  images: [...images.values()],
  vpcs: [...vpcs.values()],
});

const byId = <K, T extends { id: K }>(items: readonly T[]): Map<T["id"], T> =>
  new Map(items.map((item) => [item.id, item]));
