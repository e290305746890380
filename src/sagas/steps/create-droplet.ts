import { z } from "zod";
import { sealedUserData } from "#deployments/lifecycle.ts";
import { PermanentError } from "#engine/failure.ts";
import type { Attempt } from "#engine/step.ts";
import { handleOf, tagsOf } from "#resources/kinds/droplet-handle.ts";
import { ensure } from "#resources/ensure.ts";
import { heldBy } from "#resources/kind.ts";
import { droplet, getDroplet } from "#resources/kinds/droplet.ts";
import { nobodys, type Owner } from "#resources/ledger.ts";
import { remove } from "#resources/remove.ts";
import { untilLeftLeadNowhere } from "../dns/led-by-others.ts";
import { step, type StepContext } from "../step-context.ts";

export const dropletSpec = z.object({
  name: z.string(),
  region: z.string(),
  size_slug: z.string(),
  image: z.string(),
  ssh_keys: z.array(z.union([z.string(), z.int()])),
  /** What else DigitalOcean shall give it; a saga that an earlier release began has none. */
  features: z
    .object({ monitoring: z.boolean(), ipv6: z.boolean(), backups: z.boolean(), vpc_uuid: z.uuid() })
    .partial()
    .default({}),
  /** Whose sealed user_data goes along, and what it was sealed for. */
  user_data: z.object({ owner_id: z.string().nullable(), context: z.string() }),
});
type Input = z.output<typeof dropletSpec> &
  Partial<Owner> & {
    /** Of one that is there before, and attached to nothing. */
    readonly free_volume_id?: string | null;
  };
interface Reads {
  readonly input: Input;
  /** Of the volume that its saga has made for it. */
  readonly volume_id?: string | undefined;
}
type Io = StepContext & Attempt<never>;

export const createDroplet = step({
  name: "create_droplet",
  writes: z.object({ droplet_id: z.int(), droplet_accepted_at: z.iso.datetime() }),
  undoAfter: ["point_deployment_dns", "assign_reserved_ip"],
  budget: (io: StepContext) => ({ tries: 8, ms: 20 * 60_000 + 4 * io.timing.settle }),

  execute: async ({ input, volume_id: volume = input.free_volume_id ?? undefined }: Reads, io: Io) =>
    ensure(
      io,
      droplet,
      {
        handle: handleOf(io.saga.id, input.name),
        owner: {
          ...nobodys,
          ...(input.deployment_id && { deployment_id: input.deployment_id, tenant_id: input.tenant_id ?? null }),
        },
        spec: () => specOf(input, volume, io),
      },
      async ({ id, at }) => ({ droplet_id: Number(id), droplet_accepted_at: at.toISOString() }),
    ),

  async compensate({ input }, io: Io) {
    const [made] = await heldBy(io, droplet);
    const id = made?.provider_id ?? null;
    const has = async (address: string) => id !== null && (await getDroplet(io, Number(id)))?.public_ipv4 === address;
    const waiting = made?.deletes === 0 ? await untilLeftLeadNowhere(io, has) : undefined;
    if (waiting) return waiting;
    return remove(io, droplet, async (tx) => {
      if (input.user_data.owner_id !== null) return;
      await tx.deleteFrom("sealed_user_data").where("owner_id", "=", io.saga.id).execute();
    });
  },
});

async function specOf(input: Input, volume: string | undefined, io: Io) {
  const userData = await openUserData(input, io);
  return {
    region: input.region,
    size: input.size_slug,
    image: input.image,
    tags: tagsOf(io.saga.id, io.installId),
    ...known(input.features),
    ...(volume !== undefined && { volumes: [volume] }),
    ...(input.ssh_keys.length > 0 && { ssh_keys: input.ssh_keys }),
    ...(userData !== undefined && { user_data: userData }),
  };
}

async function openUserData(input: Input, io: Io): Promise<string | undefined> {
  const sealed = await sealedUserData(io.db, input.user_data.owner_id ?? io.saga.id);
  if (!sealed) return undefined;
  try {
    return io.openUserData(sealed, input.user_data.context);
  } catch (error) {
    throw new PermanentError("user_data_unreadable", error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}

/** Without what is undefined: the type of a partial object has it, JSON does not. */
const known = ({ monitoring, ipv6, backups, vpc_uuid }: Input["features"]) => ({
  ...(monitoring !== undefined && { monitoring }),
  ...(ipv6 !== undefined && { ipv6 }),
  ...(backups !== undefined && { backups }),
  ...(vpc_uuid !== undefined && { vpc_uuid }),
});
