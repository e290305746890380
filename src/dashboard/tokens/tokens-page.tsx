import { paths } from "#api/paths.ts";
import { type Token, tokenPage } from "#api/tokens.ts";
import { createdKey } from "#dashboard/list/keys.ts";
import { type Column, List } from "#dashboard/list/list.tsx";
import { useList } from "#dashboard/list/use-list.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { useMay } from "#dashboard/session/self.tsx";
import { TenantName } from "#dashboard/tenants/tenant-name.tsx";
import { useNow } from "#dashboard/time/use-now.ts";
import { NewTokenForm } from "./new-token-form.tsx";
import { RevokeButton } from "./revoke-button.tsx";

export function TokensPage() {
  const { administerAll } = useMay();
  if (administerAll) return <Tokens />;
  return (
    <Page title="Tokens">
      <p>Only an admin's token sees the others.</p>
    </Page>
  );
}

function Tokens() {
  const list = useList(paths.tokens, tokenPage, {}, createdKey, 10_000);
  return (
    <Page title="Tokens">
      <NewTokenForm />
      <List label="Tokens" list={list} columns={columns} empty="There is no token." />
    </Page>
  );
}

const columns: readonly Column<Token>[] = [
  { title: "Name", cell: ({ name }) => name },
  { title: "Role", cell: ({ role }) => role },
  { title: "Sees", cell: ({ tenant_id: tenant }) => (tenant === null ? "everything" : <TenantName id={tenant} />) },
  { title: "State", cell: (token) => <State token={token} /> },
  { title: "Last used", cell: ({ last_used_at }) => <Ago at={last_used_at} /> },
  { title: "Created", cell: ({ created_at }) => <Ago at={created_at} /> },
  { title: "Actions", unseenTitle: true, className: "row-end", cell: (token) => <Revoke token={token} /> },
];

function useTokenState(token: Token): "revoked" | "expired" | "active" {
  const now = useNow(10_000);
  if (token.revoked_at) return "revoked";
  return token.expires_at !== null && Date.parse(token.expires_at) <= now.getTime() ? "expired" : "active";
}

function State({ token }: { readonly token: Token }) {
  const state = useTokenState(token);
  return (
    <>
      <Badge status={state} />
      {state === "active" && token.expires_at && (
        <span className="sub">
          ends <Ago at={token.expires_at} />
        </span>
      )}
    </>
  );
}

function Revoke({ token }: { readonly token: Token }) {
  return useTokenState(token) === "active" && <RevokeButton token={token} />;
}
