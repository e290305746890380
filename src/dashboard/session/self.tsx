import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext } from "react";
import { paths } from "#api/paths.ts";
import { type Role, type Token, token as tokenSchema } from "#api/tokens.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { pollEvery } from "#dashboard/server/poll.ts";
import { wordsOf } from "#dashboard/server/failures.ts";

const SelfContext = createContext<Token | null>(null);

/** Reads whose token this is before anything is drawn: what may be done hangs on it. */
export function SelfProvider({ children }: { readonly children: ReactNode }) {
  const { server } = useTools();
  const self = useQuery({
    queryKey: ["self"],
    queryFn: ({ signal }) => server.get(paths.self, tokenSchema, {}, signal),
    refetchInterval: pollEvery(60_000),
  });
  if (self.data) return <SelfContext value={self.data}>{children}</SelfContext>;
  return (
    <p className="waiting" role="status">
      {self.error ? wordsOf(self.error) : "Reading…"}
    </p>
  );
}

/** The token that this session works with. */
export function useSelf(): Token {
  const self = useContext(SelfContext);
  if (!self) throw new Error("Nobody is signed in");
  return self;
}

const rank: Readonly<Record<Role, number>> = { viewer: 1, operator: 2, admin: 3 };

/** What the buttons on the page go by; the server decides by itself. */
export function useMay() {
  const { role, tenant_id: tenantId } = useSelf();
  return {
    operate: rank[role] >= rank.operator,
    /** What is not one tenant's. */
    seeAll: tenantId === null,
    operateAll: rank[role] >= rank.operator && tenantId === null,
    administer: role === "admin",
    administerAll: role === "admin" && tenantId === null,
  };
}
