import type { Io, Kind } from "./kind.ts";
import { fresh, type Held, move, note, open } from "./ledger.ts";
import { foundNothing, looksForAbsence, nextLook } from "./settling.ts";

/**
 * Looks once for what a create without a clear answer may have made, and commits what came of it.
 * @returns what was found, the one that is kept first; nothing when it is proven absent; when to look again otherwise
 */
export async function lookAgain<Handle extends object, Spec, Seen>(
  io: Io,
  kind: Kind<Handle, Spec, Seen>,
  row: Held<Handle>,
): Promise<readonly Held<Handle>[] | Date> {
  const found = await kind.find(io, row.handle, row);
  const at = io.clock.now();
  const [first, ...others] = found.ids;
  if (first !== undefined) return choose(io, row, first, others, at);
  const facts = foundNothing(row, found, io.timing);
  if (facts.looks_without >= looksForAbsence) {
    await io.commit(async (tx) => void (await move(tx, row, "absent", at, facts)));
    return [];
  }
  await io.commit(async (tx) => void (await note(tx, row, facts)));
  return nextLook({ ...row, ...facts }, at, io.timing);
}

/** The choice is committed before anything follows from it: the others are rows of their own, to be removed (rule 14). */
async function choose<Handle extends object>(
  io: Io,
  row: Held<Handle>,
  first: string,
  others: readonly string[],
  at: Date,
): Promise<readonly Held<Handle>[]> {
  const there = { phase: "there", looks_without: 0, last_look_at: null } as const;
  const chosen = { ...row, ...there, provider_id: first };
  const twins = others.map((id) =>
    fresh({ ...row, ...there, id: io.ids.uuid(), provider_id: id, surplus: true, created_at: at }, at),
  );
  await io.commit(async (tx) => {
    await move(tx, row, "there", at, { provider_id: first, looks_without: 0, last_look_at: null });
    for (const twin of twins) await open(tx, twin);
  });
  return [chosen, ...twins];
}
