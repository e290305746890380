import { InvalidArgumentError, type Command } from "commander";
import { z } from "zod";
import { longestPage, pageOf } from "#api/page.ts";
import type { Answer, Api, Query } from "./client.ts";

export interface PageOptions {
  readonly limit?: number;
  readonly cursor?: string;
  readonly all?: boolean;
}

/** The options of every list. */
export const withPages = (command: Command): Command =>
  command
    .option("--limit <n>", `how many at most, up to ${longestPage} (50)`, pageSize)
    .option("--cursor <cursor>", "continue after the last answer's next_cursor")
    .option("--all", "follow the pages to the end");

function pageSize(text: string): number {
  const size = Number(text);
  if (!/^\d+$/.test(text) || size < 1 || size > longestPage)
    throw new InvalidArgumentError(`It is a whole number from 1 to ${longestPage}.`);
  return size;
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

const rawPage = pageOf(z.unknown());

/** One page, or with `all` every one of them put together as one. */
export async function list<Item extends z.ZodType>(
  api: Api,
  path: string,
  item: Item,
  query: Query,
  { limit, cursor, all }: PageOptions,
): Promise<Answer<Page<z.infer<Item>>>> {
  const schema = pageOf(item);
  if (!all) return api.get(path, schema, { ...query, limit, cursor });
  const items: z.infer<Item>[] = [];
  const json: unknown[] = [];
  let next = cursor;
  do {
    const page = await api.get(path, schema, { ...query, limit: limit ?? longestPage, cursor: next });
    items.push(...page.value.items);
    json.push(...rawPage.parse(page.json).items);
    next = page.value.next_cursor ?? undefined;
  } while (next !== undefined);
  return { value: { items, next_cursor: null }, json: { items: json, next_cursor: null } };
}
