import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import { useTools } from "#dashboard/app/tools.ts";
import type { Query } from "#dashboard/server/server.ts";
import { pollEvery } from "#dashboard/server/poll.ts";

export interface Pages<Item> {
  readonly items: readonly Item[] | undefined;
  readonly error: Error | null;
  /** From 1. */
  readonly number: number;
  readonly next: (() => void) | undefined;
  readonly previous: (() => void) | undefined;
}

/** One page of a list at a time, by the server's cursors, read again every few seconds while it is looked at. */
export function usePages<Item>(
  path: string,
  schema: z.ZodType<{ items: Item[]; next_cursor: string | null }>,
  filters: Query,
  pollMs = 3000,
): Pages<Item> {
  const { server } = useTools();
  const filterKey = JSON.stringify(filters);
  const [turned, setTurned] = useState<{ filterKey: string; cursors: string[] }>({ filterKey, cursors: [] });
  // Other filters are another list: it begins at its first page.
  const cursors = turned.filterKey === filterKey ? turned.cursors : [];
  const cursor = cursors.at(-1);
  const page = useQuery({
    queryKey: ["list", path, filters, cursor],
    queryFn: ({ signal }) => server.get(path, schema, { ...filters, limit: 50, cursor }, signal),
    refetchInterval: pollEvery(pollMs),
    placeholderData: keepPreviousData,
  });
  const nextCursor = page.data?.next_cursor ?? null;
  return {
    items: page.data?.items,
    error: page.error,
    number: cursors.length + 1,
    next: nextCursor === null ? undefined : () => setTurned({ filterKey, cursors: [...cursors, nextCursor] }),
    previous: cursors.length === 0 ? undefined : () => setTurned({ filterKey, cursors: cursors.slice(0, -1) }),
  };
}
