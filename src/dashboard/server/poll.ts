import type { Query as CachedQuery } from "@tanstack/react-query";

/** While the server does not answer it is asked this often, in milliseconds. */
const whileLost = 2000;

/** For `refetchInterval`: every `ms` milliseconds, and soon again after a failure. */
export const pollEvery =
  (ms: number | false) =>
  (query: Pick<CachedQuery, "state">): number | false =>
    query.state.status === "error" || query.state.fetchFailureCount > 0 ? whileLost : ms;
