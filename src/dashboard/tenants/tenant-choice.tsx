import { Choice } from "#dashboard/parts/choice.tsx";
import { useTenant, useTenants } from "./use-tenants.ts";

/** The filter of a list by whose it is; one that is not among the newest tenants is named too. */
export function TenantChoice({ value }: { readonly value: string }) {
  const newest = useTenants();
  const chosen = useTenant(value || null);
  const tenants = !chosen || newest.includes(chosen) ? newest : [chosen, ...newest];
  const options = [["", "Any tenant"] as const, ...tenants.map((it) => [it.id, it.name] as const)];
  return <Choice name="tenant_id" label="Tenant" value={value} options={options} />;
}
