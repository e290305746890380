import { z } from "zod";

/** Under which the ledger has droplets. */
export const dropletKind = "droplet";

/** What a droplet of one saga is known by at the provider, from before it exists (rule 13). */
export const handleShape = z.object({ tag: z.string(), name: z.string() });
export type Handle = Readonly<z.output<typeof handleShape>>;

const sagaPrefix = "arcadia-saga-";
const installPrefix = "arcadia-install-";

const managedTag = "managed-by-arcadia-cloud";

export const sagaTag = (sagaId: string): string => `${sagaPrefix}${sagaId}`;
export const installTag = (installId: string): string => `${installPrefix}${installId}`;

export const tagsOf = (sagaId: string, installId: string): string[] => [
  sagaTag(sagaId),
  managedTag,
  installTag(installId),
];

/** A tag that the next droplet of a deployment has too. */
export const isOurTag = (tag: string): boolean => tag === managedTag || tag.startsWith(installPrefix);

/** The last 18 hex digits of a UUIDv7: 70 random bits. */
export const nameSuffix = (sagaId: string): string => sagaId.replaceAll("-", "").slice(-18);

/** Tags arrive after the create, the name is there at once: the droplet is ours when either matches. */
export const handleOf = (sagaId: string, name: string): Handle => ({
  tag: sagaTag(sagaId),
  name: `${name}-${nameSuffix(sagaId)}`,
});

/** Of one that was there before us: our mark is the installation's, never a saga's. */
export const handleOfAdopted = (name: string, installId: string): Handle => ({ tag: installTag(installId), name });

/** A mark of a saga, or of another installation: whoever bears it is not to be adopted. */
export const foreignMark = ({ tags }: Pick<Named, "tags">, installId: string | undefined): string | undefined =>
  tags.find(
    (tag) =>
      tag.startsWith(sagaPrefix) ||
      (tag.startsWith(installPrefix) && (installId === undefined || tag !== installTag(installId))),
  );

interface Named {
  readonly name: string;
  readonly tags: readonly string[];
}

export const matches = (droplet: Named, handle: Handle): boolean =>
  droplet.tags.includes(handle.tag) || droplet.name === handle.name;

/** The saga that a droplet's tag names. */
export const sagaOf = (droplet: Named): string | undefined =>
  droplet.tags.find((tag) => tag.startsWith(sagaPrefix))?.slice(sagaPrefix.length);
