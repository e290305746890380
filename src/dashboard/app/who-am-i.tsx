import { useQueryClient } from "@tanstack/react-query";
import { useSelf } from "#dashboard/session/self.tsx";
import { TenantName } from "#dashboard/tenants/tenant-name.tsx";
import { useTools } from "./tools.ts";

export function WhoAmI() {
  const { session } = useTools();
  const queries = useQueryClient();
  const self = useSelf();
  return (
    <div className="who">
      <span>
        <b>{self.name}</b>
        <span className="sub">
          {self.role}
          {self.tenant_id !== null && (
            <>
              {" of "}
              <TenantName id={self.tenant_id} />
            </>
          )}
        </span>
      </span>
      <button
        type="button"
        onClick={() => {
          session.end();
          queries.clear();
        }}
      >
        Sign out
      </button>
    </div>
  );
}
