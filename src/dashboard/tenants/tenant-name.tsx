import { useTenant } from "./use-tenants.ts";

export function TenantName({ id }: { readonly id: string | null }) {
  const tenant = useTenant(id);
  if (id === null) return <span className="faint">–</span>;
  return <span title={id}>{tenant?.name ?? id.slice(-12)}</span>;
}
