import { z } from "zod";
import { id, moment, text, timestamp } from "./fields.ts";
import { pageOf, pageQuery } from "./page.ts";

export const roles = ["admin", "operator", "viewer"] as const;
export const role = z.enum(roles);
export type Role = z.infer<typeof role>;

export const token = z
  .object({
    id,
    name: z.string(),
    role,
    /** Set: it sees this tenant only. */
    tenant_id: id.nullable(),
    created_at: timestamp,
    expires_at: timestamp.nullable(),
    revoked_at: timestamp.nullable(),
    last_used_at: timestamp.nullable(),
  })
  .meta({ id: "Token" });
export type Token = z.infer<typeof token>;

export const newToken = z
  .strictObject({
    name: text(100),
    role,
    tenant_id: id.optional(),
    expires_at: moment.optional(),
  })
  .meta({ id: "NewToken" });

/** `token` is shown this once: only its hash is kept. */
export const createdToken = token.extend({ token: z.string() }).meta({ id: "CreatedToken" });

export const tokenQuery = pageQuery;
export const tokenPage = pageOf(token).meta({ id: "TokenPage" });
