import { writeSync } from "node:fs";
import { Listr, type ListrTask } from "listr2";
import type { Saga, SagaEvent } from "#api/sagas.ts";
import type { Cli } from "#cli/cli.ts";
import { printable } from "#cli/output/printable.ts";
import { shortTime } from "#cli/output/time.ts";
import { type Progress, progressOf, type StepProgress } from "./progress.ts";

/** Draws the steps on the terminal as they run, and the rollback under them when there is one. */
export async function watchLive(cli: Cli, saga: Saga, events: AsyncGenerator<SagaEvent, Saga>): Promise<Saga> {
  const progress = progressOf(saga);
  const stay = leaveOnInterrupt(saga);
  const following = follow(cli, progress, events);
  const drawn = draw(cli, progress);
  await Promise.allSettled([following, drawn]);
  stay();
  return following;
}

const showCursor = "\u001b[?25h";

/** Ctrl-C ends the watching, not the saga: says so, and gives the cursor back. @returns what takes this away again */
function leaveOnInterrupt({ id }: Saga): () => void {
  const leave = () => {
    // While it draws, listr2 holds back what is written to the process's streams.
    writeSync(2, `${showCursor}\nThe saga goes on. See it again: arcadia sagas watch ${id}\n`);
    process.exit(130);
  };
  process.once("SIGINT", leave);
  return () => void process.off("SIGINT", leave);
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
        task.output = waiting(progress, step);
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
        task.output = waiting(progress, step);
      });
      if (step.status === "compensation_failed") throw new Error(printable(step.error ?? "it could not be undone"));
    },
  };
}

const titled = (cli: Cli, name: string, since: Date | undefined): string => {
  const seconds = since ? (cli.clock.now().getTime() - since.getTime()) / 1000 : 0;
  return seconds < 1 ? name : `${name} (${shortTime(seconds)})`;
};

const waiting = (progress: Progress, step: StepProgress): string => {
  const what = step.waitingFor ?? progress.waitingFor;
  const why = step.error === undefined ? "" : `, after: ${printable(step.error)}`;
  return what === undefined ? "" : `waiting for ${printable(what)}${why}`;
};

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
