import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { Entry, Label, Machine, Snapshot, Work, ZoneRecord } from "./world.ts";

/** All that the provider has. What was answered outlives a kill -9: each change is a line of its journal first. */
export interface Store {
  readonly machines: Map<number, Machine>;
  readonly records: Map<number, ZoneRecord>;
  readonly labels: Map<string, Label>;
  readonly snapshots: Map<number, Snapshot>;
  readonly works: Map<number, Work>;
  /** How often this provider has been started. */
  readonly starts: number;
  /** How often it has lied, by the kind of lie. */
  readonly lies: Readonly<Record<string, number>>;
  put(entry: Entry): void;
  noteLie(of: string): void;
  nextId(): number;
}

export function openStore(journal: string): Store {
  const machines = new Map<number, Machine>();
  const records = new Map<number, ZoneRecord>();
  const labels = new Map<string, Label>();
  const snapshots = new Map<number, Snapshot>();
  const works = new Map<number, Work>();
  const lies: Record<string, number> = {};
  let last = 70_000;
  let starts = 0;
  const keep = (entry: Entry) => {
    if (typeof entry.id === "number") last = Math.max(last, entry.id);
    if (entry.kind === "machine") machines.set(entry.id, entry);
    else if (entry.kind === "record") records.set(entry.id, entry);
    else if (entry.kind === "label") labels.set(entry.id, entry);
    else if (entry.kind === "snapshot") snapshots.set(entry.id, entry);
    else works.set(entry.id, entry);
  };
  const write = (line: object) => appendFileSync(journal, `${JSON.stringify(line)}\n`);
  for (const line of existsSync(journal) ? readFileSync(journal, "utf8").split("\n") : []) {
    if (line === "") continue;
    const entry: Entry | { kind: "start" } | { kind: "lie"; of: string } = JSON.parse(line);
    if (entry.kind === "start") starts += 1;
    else if (entry.kind === "lie") lies[entry.of] = (lies[entry.of] ?? 0) + 1;
    else keep(entry);
  }
  write({ kind: "start" });
  return {
    machines,
    records,
    labels,
    snapshots,
    works,
    starts: starts + 1,
    lies,
    put(entry) {
      write(entry);
      keep(entry);
    },
    noteLie(of) {
      write({ kind: "lie", of });
      lies[of] = (lies[of] ?? 0) + 1;
    },
    // Not one after the other: an id says nothing of another's.
    nextId: () => (last += 7),
  };
}
