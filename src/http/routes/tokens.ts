import { paths } from "#api/paths.ts";
import { createdToken, newToken, token, tokenPage, tokenQuery } from "#api/tokens.ts";
import { notFound } from "#refusal.ts";
import { createToken } from "#operations/create-token.ts";
import { findToken, listTokens, revokeToken, type TokenRow } from "#tokens/queries.ts";
import { idInPath, nothing, type Routes } from "../plumbing/app.ts";
import { callerOf } from "../plumbing/auth.ts";
import { keyset, page } from "../plumbing/pages.ts";
import { presentToken } from "./present.ts";

export const tokenRoutes: Routes = (app, { db, ids, change }) => {
  app.get(
    paths.tokens,
    { schema: { summary: "List tokens", querystring: tokenQuery, response: { 200: tokenPage } } },
    async ({ query }) => {
      const rows = await listTokens(db, keyset("tokens", query));
      return page("tokens", rows, query, (row) => ({ at: row.created_at, id: row.id }), presentToken);
    },
  );

  app.get(
    paths.self,
    { schema: { summary: "Show the token that this request is made with", response: { 200: token } } },
    async (request) => {
      const { tokenId } = callerOf(request);
      const row = await findToken(db, tokenId);
      if (!row) throw notFound("token", tokenId);
      return presentToken(row);
    },
  );

  app.post(
    paths.tokens,
    {
      schema: {
        summary: "Create a token; it is shown this once",
        body: newToken,
        response: { 201: createdToken },
      },
    },
    (request, reply) =>
      change(request, reply, async ({ tx, now }) => {
        const { expires_at: expiresAt, tenant_id: tenantId = null, ...asked } = request.body;
        const expiry = expiresAt === undefined ? null : new Date(expiresAt);
        const { row, secret } = await createToken(
          tx,
          { ...asked, tenant_id: tenantId, expires_at: expiry },
          { ids, now },
        );
        return {
          status: 201,
          body: { ...presentToken(row), token: secret },
          secret: true,
          location: `${paths.tokens}/${row.id}`,
          audit: audited("token.create", row),
        };
      }),
  );

  app.delete(
    paths.token,
    { schema: { summary: "Revoke a token", params: idInPath, response: { 204: nothing } } },
    (request, reply) =>
      change(request, reply, async ({ tx, now }) => {
        const row = await revokeToken(tx, request.params.id, now);
        if (!row) throw notFound("token", request.params.id);
        return { status: 204, audit: audited("token.revoke", row) };
      }),
  );
};

const audited = (action: string, row: TokenRow) => ({
  action,
  object_type: "token",
  object_id: row.id,
  tenant_id: row.tenant_id,
  detail: { name: row.name, role: row.role },
});
