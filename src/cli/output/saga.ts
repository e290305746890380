import type { Saga, SagaError, Step } from "#api/sagas.ts";
import { type Cli, say } from "#cli/cli.ts";
import { leavesOf } from "./leaves.ts";
import type { Column } from "./list.ts";
import { printable } from "./printable.ts";
import { status } from "./status.ts";
import { wayOn, wayOnHeld } from "./stuck.ts";
import { printFields, printRows } from "./table.ts";
import { duration, relative } from "./time.ts";

export const sagaColumns = (cli: Cli): Column<Saga>[] => [
  { name: "saga", cell: (it) => it.id, isId: true },
  { name: "name", cell: (it) => it.name, spare: 2 },
  { name: "status", cell: (it) => status(cli.stdout, it.status), key: (it) => it.status },
  { name: "steps", cell: (it) => `${completed(it)}/${it.steps.length}`, key: completed, spare: 4 },
  { name: "created", cell: (it) => relative(it.created_at, cli.clock.now()), key: (it) => it.created_at, spare: 3 },
  {
    name: "why",
    cell: (it) => printable(it.stuck_error?.message ?? it.waiting_for ?? it.error?.message ?? ""),
    isText: true,
  },
];

const completed = (saga: Saga): number => saga.steps.filter((step) => step.status === "completed").length;

/** The saga and its steps. */
export function printSaga(cli: Cli, saga: Saga): void {
  const now = cli.clock.now();
  printFields(cli.stdout, {
    saga: saga.id,
    name: saga.name,
    status: status(cli.stdout, saga.status),
    "waiting for": saga.waiting_for && printable(saga.waiting_for),
    error: told(saga.error),
    "stuck on": told(saga.stuck_error),
    leaves: leavesOf(saga.leaves),
    "what to do": saga.status === "stuck" ? wayOn(saga) : saga.status === "held" ? wayOnHeld(saga) : null,
    cancelled:
      saga.cancel_requested_at && `${relative(saga.cancel_requested_at, now)}: ${printable(saga.cancel_reason ?? "")}`,
    resolved: saga.resolution && printable(saga.resolution.reason),
    deployment: saga.deployment_id,
    droplet: saga.provider_id,
    created: relative(saga.created_at, now),
    took: saga.started_at && saga.finished_at && duration(saga.started_at, saga.finished_at),
  });
  say(cli.stdout, "");
  const rows = saga.steps.map((step) => [
    step.name,
    status(cli.stdout, step.status),
    step.undo_attempts > 0 ? `${step.attempts}, undo ${step.undo_attempts}` : step.attempts,
    tookStep(step),
    remarkOn(step),
  ]);
  printRows(cli.stdout, ["STEP", "STATUS", "TRIES", "TOOK", "REMARK"], rows);
}

/** What went wrong, and in which step where that is known. */
function told(error: SagaError | null): string | null {
  if (!error) return null;
  const step = typeof error["step"] === "string" ? `${error["step"]}: ` : "";
  return printable(`${step}${error.code}: ${error.message}`);
}

function remarkOn(step: Step): string {
  const remarks = [
    step.error?.message,
    step.undo_error && `undo: ${step.undo_error.message}`,
    step.waiting_for !== null && !step.error && !step.undo_error && `waiting for ${step.waiting_for}`,
  ];
  return printable(remarks.filter(Boolean).join("; "));
}

const tookStep = ({ started_at, finished_at }: Step): string | null =>
  started_at && finished_at && duration(started_at, finished_at);
