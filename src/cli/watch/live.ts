import { Listr, type ListrTask } from "listr2";
import type { Saga, SagaEvent } from "#api/sagas.ts";
import type { Cli } from "#cli/cli.ts";
import { printable } from "#cli/output/printable.ts";
import { shortTime } from "#cli/output/time.ts";
import { type Progress, progressOf, type StepProgress } from "./progress.ts";
import { remaining, turnsBack } from "./remaining.ts";

/** How often it is read until when its steps wait. */
const lookMs = 2000;

/** Draws the steps on the terminal as they run, and the rollback under them when there is one. */
export async function watchLive(
  cli: Cli,
  saga: Saga,
  events: AsyncGenerator<SagaEvent, Saga>,
  read: () => Promise<Saga | undefined>,
): Promise<Saga> {
  const progress = progressOf(saga);
  const over = new AbortController();
  const following = follow(cli, progress, events).finally(() => over.abort());
  const looking = lookAgain(cli, progress, read, over.signal);
  await Promise.allSettled([following, looking, draw(cli, progress)]);
  return following;
}

async function lookAgain(
  cli: Cli,
  progress: Progress,
  read: () => Promise<Saga | undefined>,
  over: AbortSignal,
): Promise<void> {
  while (!over.aborted) {
    const seen = await read();
    if (seen) progress.look(seen);
    await cli.clock.sleep(lookMs, over).catch(() => undefined);
  }
}

async function follow(cli: Cli, progress: Progress, events: AsyncGenerator<SagaEvent, Saga>): Promise<Saga> {
  let ended: Saga | undefined;
  try {
    for (;;) {
      const next = await events.next();
      if (next.done) return (ended = next.value);
      progress.apply(next.value, cli.clock.now());
    }
  } finally {
    progress.end(ended);
  }
}

async function draw(cli: Cli, progress: Progress): Promise<void> {
  const forward = progress.steps.map((step) => forwardTask(cli, progress, step));
  await new Listr(forward, { ...options, exitOnError: true }).run().catch(() => undefined);
  await progress.until(() => progress.turned || progress.over);
  if (!progress.turned) return;
  const undone = progress.steps.filter((step) => step.status !== "pending").toReversed();
  const title = `rolling back: ${printable(progress.error ?? "cancelled")}`;
  const tasks = undone.map((step) => backTask(cli, progress, step));
  const rollback = { title, task: (_: unknown, task: { newListr: Subtasks }) => task.newListr(tasks, together) };
  await new Listr([rollback], options).run().catch(() => undefined);
}

const options = {
  concurrent: false,
  registerSignalListeners: false,
  rendererOptions: { collapseErrors: false, collapseSubtasks: false },
};
const together = { concurrent: true, exitOnError: false };
type Subtasks = (tasks: ListrTask[], options: typeof together) => Listr;

function forwardTask(cli: Cli, progress: Progress, step: StepProgress): ListrTask {
  return {
    title: step.name,
    task: async (_, task) => {
      const isDone = () => step.completed || progress.turned || progress.over;
      await whileTicking(cli, progress.until(isDone), () => {
        task.title = titled(cli, step.name, step.since);
        task.output = waiting(cli, progress, step);
      });
      if (!step.completed) throw new Error(printable(step.error ?? progress.error ?? "cancelled"));
    },
  };
}

function backTask(cli: Cli, progress: Progress, step: StepProgress): ListrTask {
  return {
    title: `undo ${step.name}`,
    task: async (_, task) => {
      const isDone = () => step.status === "compensated" || progress.over;
      await whileTicking(cli, progress.until(isDone), () => {
        task.title = titled(cli, `undo ${step.name}`, step.undoSince);
        task.output = waiting(cli, progress, step);
      });
      if (step.status === "compensation_failed") throw new Error(printable(step.error ?? "it could not be undone"));
    },
  };
}

const titled = (cli: Cli, name: string, since: Date | undefined): string => {
  const seconds = since ? (cli.clock.now().getTime() - since.getTime()) / 1000 : 0;
  return seconds < 1 ? name : `${name} (${shortTime(seconds)})`;
};

function waiting(cli: Cli, progress: Progress, step: StepProgress): string {
  const what = step.waitingFor ?? progress.waitingFor;
  if (what === undefined) return "";
  const why = step.error === undefined ? "" : `, after: ${printable(step.error)}`;
  const returns = turnsBack({ name: progress.name, direction: progress.turned ? "back" : "forward" });
  const limits = remaining(step.limits, returns, cli.clock.now());
  return `waiting for ${printable(what)}${why}${limits && `; ${limits}`}`;
}

/** Redraws twice a second until `work` is done. */
async function whileTicking(cli: Cli, work: Promise<void>, redraw: () => void): Promise<void> {
  const done = new AbortController();
  const ticking = (async () => {
    while (!done.signal.aborted) {
      redraw();
      await cli.clock.sleep(500, done.signal).catch(() => undefined);
    }
    redraw();
  })();
  await work.finally(() => done.abort());
  await ticking;
}
