import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef } from "react";
import type { z } from "zod";
import { useTools } from "#dashboard/app/tools.ts";
import { pollEvery } from "#dashboard/server/poll.ts";
import type { Query } from "#dashboard/server/server.ts";
import { type KeyOf, type Known, nothingKnown, type Page, readRange } from "./known.ts";
import { placeHere } from "./place.ts";

export interface Listed<Item> {
  /** Undefined until the first is read. */
  readonly items: readonly Item[] | undefined;
  /** They are still those of the filters before, while those of the new ones are read. */
  readonly stale: boolean;
  readonly complete: boolean;
  readonly error: Error | null;
  readonly keyOf: KeyOf<Item>;
  /** Other filters are another list. */
  readonly filterKey: string;
  /** Says which items are looked at: these are read again and again, and on if there are not enough. */
  readonly look: (from: number, to: number) => void;
}

/** Beyond the last row that is seen, so that scrolling does not wait. */
export const ahead = 40;

/** A list as far as it is scrolled through, by the server's filters and cursors; what is looked at is read again. */
export function useList<Item>(
  path: string,
  schema: z.ZodType<{ items: Item[]; next_cursor: string | null }>,
  wanted: Query,
  keyOf: KeyOf<Item>,
  pollMs = 3000,
): Listed<Item> {
  const { server } = useTools();
  const queries = useQueryClient();
  // What is typed may end with a space, before the next word.
  const filters = Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => [name, typeof value === "string" ? value.trim() : value]),
  );
  const queryKey = ["list", path, filters];
  const filterKey = JSON.stringify(filters);
  const range = useRef({ filterKey, from: 0, to: placeHere()?.rows ?? ahead });
  if (range.current.filterKey !== filterKey) range.current = { filterKey, from: 0, to: ahead };
  const { data, error, isFetching, isPlaceholderData, refetch } = useQuery({
    queryKey,
    queryFn: ({ signal }) => {
      const read = (cursor: string | undefined, limit: number): Promise<Page<Item>> =>
        server.get(path, schema, { ...filters, limit, cursor }, signal);
      return readRange(read, queries.getQueryData<Known<Item>>(queryKey) ?? nothingKnown, range.current, keyOf);
    },
    refetchInterval: pollEvery(pollMs),
    placeholderData: keepPreviousData,
  });
  const settled = data !== undefined && !isPlaceholderData && !isFetching && !error;
  const short = settled && !data.complete ? data.items.length : undefined;
  const look = useCallback(
    (from: number, to: number) => {
      range.current = { filterKey, from, to: to + ahead };
      if (short !== undefined && short < to + ahead / 2) void refetch();
    },
    [filterKey, short, refetch],
  );
  return {
    items: data?.items,
    stale: isPlaceholderData,
    complete: data?.complete ?? false,
    error,
    keyOf,
    filterKey,
    look,
  };
}
