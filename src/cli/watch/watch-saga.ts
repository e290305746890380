import { fill, paths } from "#api/paths.ts";
import { type Saga, type SagaEvent, saga as sagaSchema } from "#api/sagas.ts";
import type { Api } from "#cli/api/client.ts";
import { type Cli, type Output, say } from "#cli/cli.ts";
import { Failure } from "#cli/failure.ts";
import { printable } from "#cli/output/printable.ts";
import { stuckOn, wayOn, wayOnHeld } from "#cli/output/stuck.ts";
import type { ShowOptions } from "#cli/output/show.ts";
import { duration } from "#cli/output/time.ts";
import { detailsOf } from "./event-details.ts";
import { followSaga } from "./follow.ts";
import { leaveOnInterrupt } from "./interrupt.ts";
import { plainLines } from "./plain.ts";
import { remaining, turnsBack } from "./remaining.ts";

/**
 * Shows the saga's steps until it has ended: live on a terminal, else one line per change; on stderr beside `--json`.
 * @returns the saga as it ended
 */
export async function watchSaga(cli: Cli, api: Api, saga: Saga, { json }: ShowOptions): Promise<Saga> {
  // A terminal that does not say how wide it is cannot be drawn on.
  const drawn = !json && cli.stdout.isTTY === true && Boolean(cli.stdout.columns);
  const stay = leaveOnInterrupt(saga, drawn);
  const events = followSaga(cli, api, saga.id);
  // That the connection is gone is told by who follows the events.
  const read = () =>
    api.get(fill(paths.saga, { id: saga.id }), sagaSchema).then(
      ({ value }) => value,
      () => undefined,
    );
  try {
    if (!drawn) return await printLines(cli, json ? cli.stderr : cli.stdout, saga, events, read);
    const { watchLive } = await import("./live.ts");
    return await watchLive(cli, saga, events, read);
  } finally {
    stay();
  }
}

/** What waited longer ago than this is history: nobody asks until when. */
const freshMs = 60_000;

async function printLines(
  cli: Cli,
  output: Output,
  { name }: Saga,
  events: AsyncGenerator<SagaEvent, Saga>,
  read: () => Promise<Saga | undefined>,
): Promise<Saga> {
  const print = plainLines(output, name);
  for (;;) {
    const next = await events.next();
    if (next.done) return next.value;
    const { step, waitingFor } = detailsOf(next.value);
    const isFresh = cli.clock.now().getTime() - Date.parse(next.value.at) < freshMs;
    const seen = step !== undefined && waitingFor !== undefined && isFresh ? await read() : undefined;
    const limits = seen?.steps.find((it) => it.name === step);
    print(next.value, seen && limits && remaining(limits, turnsBack(seen), cli.clock.now()));
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
  if (saga.status === "stuck") return `Stuck: ${stuckOn(saga)}. ${wayOn(saga)}`;
  if (saga.status === "held")
    return `Held, it waits for ${printable(saga.waiting_for ?? "an admin")}. ${wayOnHeld(saga)}`;
  const sentence = why.endsWith(".") ? why : `${why}.`;
  return `Rolled back${took(saga)}: ${sentence} What it had made is undone; see arcadia sagas get ${saga.id}`;
}
