import { readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { type Account, actionSchema, dropletSchema, recordSchema, type Zone } from "./account-state.ts";
import { holdings, holdingsSchema, savedHoldings } from "./holdings.ts";
import * as olderRelease from "./older-release.ts";
import type { RequestCounts } from "./request-count.ts";
import { attachTag, ensureTag } from "./tags.ts";

const accountShape = z.object({
  uuid: z.string(),
  seed: z.number(),
  nextId: z.number().int(),
  nextAddress: z.number().int(),
  freeAddresses: z.array(z.number().int()),
  strangers: z.array(z.number().int()).default([]),
  createdTotal: z.number().int(),
  destroyedTotal: z.number().int(),
  droplets: z.array(dropletSchema),
  actions: z.array(actionSchema),
  zones: z.array(z.object({ name: z.string(), createdAt: z.number(), records: z.array(recordSchema) })),
  tags: z.array(z.string()),
  // An account saved by an older release has none of these.
  ...holdingsSchema.shape,
});
const shape = accountShape.extend({
  version: z.literal(1),
  /** The accounts of other teams and users; an older release had none. */
  others: z.array(accountShape.extend({ key: z.string() })).default([]),
  requests: z.object({ total: z.number(), by_route: z.record(z.string(), z.number()), peak_per_minute: z.number() }),
});

export interface SavedState {
  account: Account;
  /** By whose they are. */
  others: ReadonlyMap<string, Account>;
  requests: RequestCounts;
}

/** Reads the account back; nothing when there is no file yet. Throws when there is one that cannot be read. */
export function loadState(path: string): SavedState | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return restore(shape.parse(JSON.parse(text)));
  } catch (cause) {
    const hint = "move it away to start with an empty account";
    throw new Error(`The simulator's account in ${path} cannot be read; ${hint}`, { cause });
  }
}

/** The account that a state file's content stands for; nothing where there is none. Throws on what is no such content. */
export const savedStateOf = (content: unknown): SavedState | undefined =>
  content === undefined ? undefined : restore(shape.parse(content));

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

const byId = <T extends { id: number }>(items: readonly T[]): Map<number, T> =>
  new Map(items.map((item) => [item.id, item]));

function restore({ version: _version, requests, others, ...main }: z.infer<typeof shape>): SavedState {
  const restored = others.map(({ key, ...other }) => [key, restoreAccount(other)] as const);
  return { account: restoreAccount(main), others: new Map(restored), requests };
}

function restoreAccount(saved: z.infer<typeof accountShape>): Account {
  const droplets = saved.droplets.map((droplet) => olderRelease.droplet(droplet, saved.seed));
  const account: Account = {
    ...saved,
    droplets: byId(droplets),
    actions: byId(saved.actions),
    zones: new Map(saved.zones.map((zone) => [zone.name, restoreZone(zone)])),
    tags: new Map(),
    ...holdings(saved.seed, saved.zones[0]?.createdAt ?? 0, saved),
  };
  for (const name of saved.tags) ensureTag(account, name);
  for (const droplet of droplets) for (const tag of droplet.tags) attachTag(account, droplet, tag.name, tag.shownAt);
  return account;
}

function restoreZone(zone: z.infer<typeof accountShape>["zones"][number]): Zone {
  return { ...zone, records: byId(zone.records.map((record) => olderRelease.record(zone, record))) };
}

const serialise = ({ account, others, requests }: SavedState): string => {
  const rest = [...others].map(([key, other]) => ({ key, ...plain(other) }));
  return JSON.stringify({ version: 1, ...plain(account), others: rest, requests });
};

function plain(account: Account) {
  const zones = [...account.zones.values()].map((zone) => ({ ...zone, records: [...zone.records.values()] }));
  const droplets = [...account.droplets.values()];
  const actions = [...account.actions.values()];
  const tags = [...account.tags.values()].map((tag) => tag.name);
  return { ...account, ...savedHoldings(account), droplets, actions, zones, tags };
}

/**
 * Returns a save that has resolved only once what was true when it was called is on the disk: written beside, synced,
 * renamed. Saves that come while one is being written share the next one.
 */
export function stateSaver(path: string, read: () => SavedState): () => Promise<void> {
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const write = async (): Promise<void> => {
    next = undefined;
    const beside = `${path}.new`;
    const file = await open(beside, "w", 0o600);
    try {
      await file.writeFile(serialise(read()));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
    const folder = await open(dirname(path), "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  };
  return () => {
    // One that failed told those who waited for it; the next is tried all the same.
    next ??= writing = writing.catch(() => undefined).then(write);
    return next;
  };
}
