import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { paths } from "#api/paths.ts";
import { tenantPage } from "#api/tenants.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Field } from "#dashboard/parts/field.tsx";
import { hrefOf } from "#dashboard/app/route.ts";

const shown = 100;

/** Chooses a tenant; the server does the searching, so there may be any number. */
export function TenantPicker(props: {
  readonly value: string;
  readonly fault: string | undefined;
  readonly onChange: (id: string) => void;
}) {
  const { value, fault, onChange } = props;
  const { server } = useTools();
  const [q, setQ] = useState("");
  const { data } = useQuery({
    queryKey: ["tenants", "search", q],
    queryFn: ({ signal }) => server.get(paths.tenants, tenantPage, { q, limit: shown }, signal),
    placeholderData: keepPreviousData,
  });
  const tenants = data?.items ?? [];
  const many = q !== "" || (data?.next_cursor ?? null) !== null;
  const none = data !== undefined && tenants.length === 0 && q === "";
  return (
    <Field label="Tenant" fault={fault} hint={none && <a href={hrefOf(["tenants"])}>There is none yet: create one</a>}>
      {(input) => (
        <>
          {many && (
            <input
              type="search"
              aria-label="Search tenants"
              placeholder="Search tenants"
              value={q}
              onChange={(event) => setQ(event.target.value)}
            />
          )}
          <select {...input} value={value} onChange={(event) => onChange(event.target.value)}>
            <option value="">Choose a tenant</option>
            {tenants.map((tenant) => (
              <option key={tenant.id} value={tenant.id}>
                {tenant.name} ({tenant.slug})
              </option>
            ))}
          </select>
        </>
      )}
    </Field>
  );
}
