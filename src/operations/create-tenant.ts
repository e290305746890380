import type { Tx } from "#db/connection.ts";
import { violatedUnique } from "#db/violation.ts";
import type { Ids } from "#ids.ts";
import { refuseFaults } from "#refusal.ts";
import { insertTenant, type TenantRow } from "#tenants/queries.ts";

/** @throws {Refusal} `validation_failed` at `slug` when another tenant has it */
export async function createTenant(
  tx: Tx,
  input: Pick<TenantRow, "slug" | "name" | "hostnames"> & { readonly labels?: Readonly<Record<string, string>> },
  made: { readonly ids: Ids; readonly now: Date },
): Promise<TenantRow> {
  try {
    return await insertTenant(tx, {
      ...input,
      labels: JSON.stringify(input.labels ?? {}),
      id: made.ids.uuid(),
      created_at: made.now,
      updated_at: made.now,
    });
  } catch (error) {
    if (violatedUnique(error) === "tenants_slug")
      refuseFaults([{ path: "slug", message: `${input.slug} is in use by another tenant` }], error);
    throw error;
  }
}
