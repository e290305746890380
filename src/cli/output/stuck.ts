import type { Saga } from "#api/sagas.ts";
import { type Cli, say } from "#cli/cli.ts";
import { printable } from "./printable.ts";
import { leavesOf } from "./leaves.ts";

/** What stops it, why it turned back if it did, and what a human finds at the provider; without a full stop. */
export function stuckOn({ stuck_error: stuck, error, cancel_reason: asked, direction, leaves }: Saga): string {
  const why = printable(error?.message ?? asked ?? "no reason is known");
  const what = stuck === null ? why : printable(stuck.message);
  const cause = stuck !== null && direction === "back" ? ` It was rolling back because: ${why}.` : "";
  const left = leavesOf(leaves);
  return `${what.replace(/\.$/, "")}.${cause}${left ? ` It leaves ${left}.` : ""}`.replace(/\.$/, "");
}

/** What a human does about it. */
export const wayOn = ({ id }: Pick<Saga, "id">): string =>
  `Mend the cause and run arcadia sagas retry ${id}, ` +
  `or do by hand what is left and run arcadia sagas resolve ${id} --reason "..."`;

/** What an admin does about one that is held. */
export const wayOnHeld = ({ id }: Pick<Saga, "id">): string =>
  `Let it go on with arcadia sagas release-hold ${id}, or withdraw it with arcadia sagas cancel ${id}`;

/** Below a list, on stderr: what is stuck in it, and what to do. */
export function showStuck(cli: Cli, stuck: readonly { readonly name: string; readonly saga: Saga }[]): void {
  if (stuck.length === 0) return;
  say(cli.stderr, `${stuck.length === 1 ? "1 is stuck and needs" : `${stuck.length} are stuck and need`} you:`);
  for (const { name, saga } of stuck) say(cli.stderr, `  ${printable(name)}: ${stuckOn(saga)}. ${wayOn(saga)}`);
}
