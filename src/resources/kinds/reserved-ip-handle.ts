import { z } from "zod";

/** Under which the ledger has reserved IPs. */
export const reservedIpKind = "reserved_ip";

/**
 * What is known of a reserved IP before it exists. It takes neither a name nor a tag: it is found again by where and when
 * it was reserved.
 */
export const reservedIpHandle = z.object({
  region: z.string(),
  /** Of the saga that asks for it; and since when it may have asked. */
  saga_id: z.uuid(),
  since: z.iso.datetime(),
});
export type ReservedIpHandle = Readonly<z.output<typeof reservedIpHandle>>;
