import type { Tx } from "#db/connection.ts";
import { notFound, Refusal } from "#refusal.ts";
import { countUsers, deleteReleaseRow, lockRelease } from "#releases/queries.ts";

/** Deletes a release that nothing runs. @throws {Refusal} `not_found`, `release_in_use` */
export async function deleteRelease(tx: Tx, name: string): Promise<void> {
  if (!(await lockRelease(tx, name))) throw notFound("release", name);
  const users = await countUsers(tx, name);
  if (users > 0)
    throw new Refusal(
      "release_in_use",
      `${users} deployment${users === 1 ? "" : "s"} that did not end ${users === 1 ? "is" : "are"} of release ${name}; ` +
        "nothing was changed. Bring them to another release, or delete them first",
    );
  await deleteReleaseRow(tx, name);
}
