import type { Saga } from "#api/sagas.ts";
import type { Api } from "#cli/api/client.ts";
import { type Cli, say } from "#cli/cli.ts";
import { Failure } from "#cli/failure.ts";
import { printable } from "#cli/output/printable.ts";
import { leavesOf } from "#cli/output/saga.ts";
import type { ShowOptions } from "#cli/output/show.ts";
import { duration } from "#cli/output/time.ts";
import { followSaga } from "./follow.ts";
import { plainLines } from "./plain.ts";

/**
 * Shows the saga's steps until it has ended: live on a terminal, else one line per change; on stderr beside `--json`.
 * @returns the saga as it ended
 */
export async function watchSaga(cli: Cli, api: Api, saga: Saga, { json }: ShowOptions): Promise<Saga> {
  const events = followSaga(cli, api, saga.id);
  // A terminal that does not say how wide it is cannot be drawn on.
  if (!json && cli.stdout.isTTY && cli.stdout.columns) {
    const { watchLive } = await import("./live.ts");
    return watchLive(cli, saga, events);
  }
  const print = plainLines(json ? cli.stderr : cli.stdout, saga.name);
  for (;;) {
    const next = await events.next();
    if (next.done) return next.value;
    print(next.value);
  }
}

/** Says how the saga ended. @throws {Failure} unless it was completed */
export function conclude(cli: Cli, saga: Saga, options: ShowOptions, done: string): void {
  if (saga.status === "completed") {
    if (!options.json) say(cli.stdout, `${done}${took(saga)}`);
    return;
  }
  throw new Failure(failed(saga));
}

const took = ({ started_at, finished_at }: Saga): string =>
  started_at && finished_at ? ` after ${duration(started_at, finished_at)}` : "";

function failed(saga: Saga): string {
  const why = printable(saga.error?.message ?? saga.cancel_reason ?? "no reason is known");
  if (saga.status === "stuck")
    return (
      `Stuck: ${stuckOn(saga, why)}. Mend the cause and run arcadia sagas retry ${saga.id}, ` +
      `or do by hand what is left and run arcadia sagas resolve ${saga.id} --reason "..."`
    );
  return `Rolled back${took(saga)}: ${why}. What it had made is undone; see arcadia sagas get ${saga.id}`;
}

/** What stops it, why it turned back if it did, and what a human finds at the provider. */
function stuckOn({ stuck_error: stuck, direction, leaves }: Saga, why: string): string {
  const what = stuck === null ? why : printable(stuck.message);
  const cause = stuck !== null && direction === "back" ? ` It was rolling back because: ${why}.` : "";
  const left = leavesOf(leaves);
  return `${what.replace(/\.$/, "")}.${cause}${left ? ` It leaves ${left}.` : ""}`.replace(/\.$/, "");
}
