import { z } from "zod";
import { id, moment, text, timestamp } from "./fields.ts";
import { pageOf, pageQuery } from "./page.ts";

export const auditEntry = z
  .object({
    id,
    at: timestamp,
    /** Null for a tenant's token, unless a token of that tenant did it; so is `address`. */
    token_id: id.nullable(),
    /** Who: the token's name. */
    subject: z.string(),
    /** What, such as `deployment.create`. */
    action: z.string(),
    object_type: z.string(),
    object_id: z.string().nullable(),
    tenant_id: id.nullable(),
    request_id: z.string().nullable(),
    /** From which network address. */
    address: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: "AuditEntry" });
export type AuditEntry = z.infer<typeof auditEntry>;

export const auditQuery = pageQuery.extend({
  subject: text(200).optional(),
  action: text(100).optional(),
  /** What it was done to: a kind, such as `deployment`, or the id of one thing. */
  object: text(100).optional(),
  object_type: text(50).optional(),
  object_id: text(100).optional(),
  tenant_id: id.optional(),
  since: moment.optional(),
  until: moment.optional(),
});
export const auditPage = pageOf(auditEntry).meta({ id: "AuditPage" });
