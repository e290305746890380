import type { Selectable } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import type { Problems } from "#db/schema.ts";

/** Something that is wrong with the installation as a whole, and wants a human. */
export type ProblemRow = Selectable<Problems>;

/** What is wrong now, longest first. */
export const listProblems = (db: Db | Tx): Promise<ProblemRow[]> =>
  db.selectFrom("problems").selectAll().orderBy("since").orderBy("code").execute();

/** Says what is wrong, or what of it is true by now. @returns whether it is new; webhooks are told then, by a trigger */
export async function raiseProblem(tx: Tx, problem: ProblemRow): Promise<boolean> {
  const { code, message, remedy } = problem;
  const known = await tx.selectFrom("problems").select("message").where("code", "=", code).executeTakeFirst();
  if (known?.message === message) return false;
  await tx
    .insertInto("problems")
    .values(problem)
    .onConflict((conflict) => conflict.column("code").doUpdateSet({ message, remedy }))
    .execute();
  return known === undefined;
}

/** It is over. @returns whether it was there */
export async function solveProblem(tx: Tx, code: string): Promise<boolean> {
  const { numDeletedRows } = await tx.deleteFrom("problems").where("code", "=", code).executeTakeFirst();
  return numDeletedRows > 0n;
}
