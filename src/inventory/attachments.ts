import { z } from "zod";
import type { Db, Tx } from "#db/connection.ts";
import { isOurTag } from "#resources/kinds/droplet-handle.ts";
import { heldForOwner } from "#resources/rows.ts";

/** What of the account lies on droplets from outside, beside volumes, which a droplet tells itself. */
export const attachmentKinds = ["firewall", "load_balancer", "reserved_ip"] as const;
export type AttachmentKind = (typeof attachmentKinds)[number];

const attaching = z.object({
  provider_id: z.string(),
  name: z.string(),
  /** Null where it does not matter. */
  region: z.string().nullable(),
  /** The droplets that it names. */
  droplet_ids: z.array(z.int()).readonly(),
  /** It lies on every droplet that has one of these. */
  tags: z.array(z.string()).readonly(),
});

export type Attaching = Readonly<z.output<typeof attaching>>;

/** A complete listing of one kind, which began then. */
export interface AttachmentLook {
  readonly kind: AttachmentKind;
  readonly begunAt: Date;
  /** `forbidden`: the token may not read it. */
  readonly found: readonly Attaching[] | "forbidden";
}

/** Writes down what a look has shown; one that is older than the last changes nothing (rule 24). */
export async function recordAttachments(db: Db | Tx, { kind, begunAt, found }: AttachmentLook): Promise<void> {
  const row = { begun_at: begunAt, found: found === "forbidden" ? null : JSON.stringify(found) };
  await db
    .insertInto("attachment_looks")
    .values({ kind, ...row })
    .onConflict((conflict) => conflict.column("kind").doUpdateSet(row).where("attachment_looks.begun_at", "<", begunAt))
    .execute();
}

/** The last look of each kind that there was one of. */
export async function lastAttachments(db: Db | Tx): Promise<AttachmentLook[]> {
  const rows = await db.selectFrom("attachment_looks").selectAll().orderBy("kind").execute();
  return rows.map(({ kind, begun_at: begunAt, found }) => ({
    kind,
    begunAt,
    found: found === null ? ("forbidden" as const) : z.array(attaching).parse(found),
  }));
}

/** A droplet that is to make room for another. */
export interface Replaced {
  readonly deployment_id: string;
  readonly droplet_id: number;
  /** As it was last seen. */
  readonly seen: { readonly tags: readonly string[]; readonly volume_ids: readonly string[] } | undefined;
}

export interface Attachments {
  /** What the new droplet would not have, in words that name it: nothing of it was made by us for this deployment. */
  readonly left: readonly string[];
  /** Of what it is not known, since the token may not read it. */
  readonly unknown: readonly AttachmentKind[];
}

/** What looks have shown on a droplet that was not made by us, and that one in its place would not have. */
export async function attachmentsOf(db: Db | Tx, { deployment_id, droplet_id, seen }: Replaced): Promise<Attachments> {
  const ours = new Set((await heldForOwner(db, { deployment_id })).map((row) => row.provider_id));
  const looks = await lastAttachments(db);
  const volumes = (seen?.volume_ids ?? []).filter((id) => !ours.has(id));
  const others = looks.flatMap(({ kind, found }) =>
    found === "forbidden"
      ? []
      : found
          .filter((it) => !ours.has(it.provider_id))
          .flatMap((it) => wordsOf(kind, it, droplet_id, seen?.tags ?? []) ?? []),
  );
  return {
    left: [...volumes.map((id) => `volume ${id} is attached to it`), ...others],
    unknown: looks.filter(({ found }) => found === "forbidden").map(({ kind }) => kind),
  };
}

/** Undefined: it does not lie on the droplet, or will on the next one too. */
function wordsOf(kind: AttachmentKind, it: Attaching, dropletId: number, tags: readonly string[]): string | undefined {
  const name = `${attachmentCalled[kind]} ${it.name === "" ? it.provider_id : `${it.name} (${it.provider_id})`}`;
  if (it.tags.some((tag) => isOurTag(tag) && tags.includes(tag))) return undefined;
  if (it.droplet_ids.includes(dropletId))
    return kind === "reserved_ip" ? `${name} leads to it` : `${name} names it by its id`;
  const tag = it.tags.find((each) => tags.includes(each));
  return tag === undefined ? undefined : `${name} applies to it by the tag ${tag}, which a new one would not have`;
}

/** For people. */
export const attachmentCalled = {
  firewall: "firewall",
  load_balancer: "load balancer",
  reserved_ip: "reserved IP",
} as const;

/** What a token needs to read them. */
export const scopesOf = (kinds: readonly AttachmentKind[]): string => kinds.map((kind) => `${kind}:read`).join(", ");
