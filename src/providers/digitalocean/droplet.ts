import { z } from "zod";
import { optional, optionalDate, optionalInt } from "./lenient.ts";

export interface Droplet {
  readonly id: number;
  readonly name: string;
  /** `new`, `active`, `off` or `archive`; another one is passed on as it is, and `unknown` where none is told. */
  readonly status: string;
  readonly region: string | null;
  readonly size_slug: string | null;
  /** Its slug, or its id as digits. */
  readonly image: string | null;
  /** Of the disk in GB, which may be smaller than that of its size. */
  readonly disk: number | null;
  /** The first public one. */
  readonly public_ipv4: string | null;
  /** More of them: a reserved IP that leads to it is listed like its own, and nobody promises in which order (godo#343). */
  readonly other_public_ipv4: readonly string[];
  readonly tags: readonly string[];
  /** Of the volumes that are attached to it. */
  readonly volume_ids: readonly string[];
  readonly created_at: Date | null;
}

const slugged = optional(z.object({ slug: optional(z.string().min(1)) }));
const network = optional(z.object({ ip_address: optional(z.ipv4()), type: optional(z.string()) }));

const told = z.object({
  id: z.int().positive(),
  name: z.string().min(1),
  tags: z.array(z.string()).nullish(),
  status: optional(z.string().min(1)),
  region: slugged,
  size_slug: optional(z.string().min(1)),
  size: slugged,
  disk: optionalInt,
  image: optional(z.object({ id: optional(z.int()), slug: optional(z.string().min(1)) })),
  networks: optional(z.object({ v4: optional(z.array(network)) })),
  volume_ids: optional(z.array(z.string())),
  created_at: optionalDate,
});

/**
 * A droplet as DigitalOcean tells it, reduced to what we use. Only id, name and tags say which one it is.
 * @param listedBy the tag that it was listed by: it carries that one, also where its tags are not told
 */
export const dropletListedBy = (listedBy?: string) =>
  told.transform((it): Droplet => {
    // The private address may come first.
    const [first = null, ...others] = (it.networks?.v4 ?? []).flatMap((v4) =>
      v4?.type === "public" && v4.ip_address ? v4.ip_address : [],
    );
    return {
      id: it.id,
      name: it.name,
      status: it.status ?? "unknown",
      region: it.region?.slug ?? null,
      size_slug: it.size_slug ?? it.size?.slug ?? null,
      image: it.image?.slug ?? it.image?.id?.toString() ?? null,
      disk: it.disk,
      public_ipv4: first,
      other_public_ipv4: others,
      tags: it.tags ?? (listedBy === undefined ? [] : [listedBy]),
      volume_ids: it.volume_ids ?? [],
      created_at: it.created_at,
    };
  });
