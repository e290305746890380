import type { Saga, SagaError, SagaLeaves, Step } from "#api/sagas.ts";
import { type Cli, say } from "#cli/cli.ts";
import { printable } from "./printable.ts";
import { status } from "./status.ts";
import { printFields, printTable } from "./table.ts";
import { duration, relative } from "./time.ts";

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
  printTable(cli.stdout, ["STEP", "STATUS", "TRIES", "TOOK", "REMARK"], rows);
}

/** What went wrong, and in which step where that is known. */
function told(error: SagaError | null): string | null {
  if (!error) return null;
  const step = typeof error["step"] === "string" ? `${error["step"]}: ` : "";
  return printable(`${step}${error.code}: ${error.message}`);
}

/** What it has at the provider, on one line. */
export function leavesOf(leaves: SagaLeaves | null): string | null {
  const droplets = leaves?.droplets.map(
    ({ provider_id: id, name }) => `droplet ${id ?? "of unknown id"} (${name ?? "?"})`,
  );
  const records = leaves?.dns_records.map(
    ({ id, name, type }) => `DNS record ${id ?? "of unknown id"} (${name} ${type})`,
  );
  return printable([...(droplets ?? []), ...(records ?? [])].join(", "));
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

/** How far it is, on one line: `completed`, or the status and its step. */
export function sagaProgress(saga: Saga): string {
  const done = saga.steps.filter((step) => step.status === "completed").length;
  return `${done}/${saga.steps.length}`;
}
