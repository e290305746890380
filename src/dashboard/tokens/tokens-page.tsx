import { paths } from "#api/paths.ts";
import { type Token, tokenPage } from "#api/tokens.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { List } from "#dashboard/parts/list.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { usePages } from "#dashboard/parts/use-pages.ts";
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
  const pages = usePages(paths.tokens, tokenPage, {}, 10_000);
  return (
    <Page title="Tokens">
      <NewTokenForm />
      <List
        label="Tokens"
        pages={pages}
        columns={["Name", "Role", "Sees", "State", "Last used", "Created", ""]}
        empty="There is no token."
        row={(token) => <TokenRow key={token.id} token={token} />}
      />
    </Page>
  );
}

function TokenRow({ token }: { readonly token: Token }) {
  const now = useNow(10_000);
  const expired = token.expires_at !== null && Date.parse(token.expires_at) <= now.getTime();
  const state = token.revoked_at ? "revoked" : expired ? "expired" : "active";
  return (
    <tr>
      <th scope="row">{token.name}</th>
      <td>{token.role}</td>
      <td>{token.tenant_id === null ? "everything" : <TenantName id={token.tenant_id} />}</td>
      <td>
        <Badge status={state} />
        {state === "active" && token.expires_at && (
          <span className="sub">
            ends <Ago at={token.expires_at} />
          </span>
        )}
      </td>
      <td>
        <Ago at={token.last_used_at} />
      </td>
      <td>
        <Ago at={token.created_at} />
      </td>
      <td className="row-end">{state === "active" && <RevokeButton token={token} />}</td>
    </tr>
  );
}
