import { z } from "zod";
import { wellFormed } from "#well-formed.ts";
import { type BegunSaga, change, type ClaimedSaga, isCancelled, isGoingBack } from "./claimed-saga.ts";
import type { Engine } from "./engine.ts";
import { CancelSeen, PermanentError } from "./failure.ts";
import { fenced, writeOne } from "./fence.ts";
import type { StepRow } from "./rows.ts";
import type { AnyStep } from "./saga.ts";
import type { Attempt } from "./step.ts";
import { writeIntent } from "./store.ts";

/** What the steps before `position` wrote, merged: the saga's context. */
export function contextOf<Io>(claimed: ClaimedSaga<Io>, position: number): Record<string, unknown> {
  const context: Record<string, unknown> = { input: claimed.definition.input.parse(claimed.saga.input) };
  for (const { name, output } of claimed.steps.slice(0, position)) {
    const step = claimed.definition.named(name);
    if (step) Object.assign(context, readBack(step, "writes", output ?? {}));
  }
  return context;
}

/** The step's own output when an outcome was committed; nothing otherwise. */
export function ownOutput<Io>(step: AnyStep<Io>, row: StepRow): Record<string, unknown> {
  return row.output === null ? {} : readBack(step, "writes", row.output);
}

function readBack<Io>(step: AnyStep<Io>, which: "writes" | "intends", stored: unknown): Record<string, unknown> {
  const parsed = (step[which] ?? z.never()).safeParse(stored);
  if (parsed.success) return parsed.data;
  const lead = `What step ${step.name} stored (${which}) cannot be read by this release`;
  throw new PermanentError("unreadable_state", `${lead}: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
}

const storedError = z.object({ message: z.string(), step: z.string().optional() });

/** A saga's error in words, with the step it came from. */
function reasonOf(error: unknown): string | undefined {
  const parsed = storedError.safeParse(error);
  if (!parsed.success) return undefined;
  const { message, step } = parsed.data;
  return step ? `${step}: ${message}` : message;
}

/** What its saga is given plus what an attempt of the step that has begun can count on. */
export function attemptOf<Io>(engine: Engine<Io>, begun: BegunSaga<Io>, signal: AbortSignal): Io & Attempt<unknown> {
  const { saga, step, row } = begun;
  const back = isGoingBack(begun);
  const now = engine.clock.now();
  let current = row;
  const attempt: Attempt<unknown> = {
    saga: { id: saga.id, name: saga.name, startedAt: saga.started_at ?? now, reason: reasonOf(saga.error) },
    step: step.name,
    get intent() {
      return current.intent === null ? undefined : readBack(step, "intends", current.intent);
    },
    intend: (intent) =>
      attempt.commit(async (tx) => {
        current = await writeIntent(tx, current, JSON.stringify((step.intends ?? z.never()).parse(intent)));
      }),
    async commit(work) {
      const cancelled = await fenced<Io, BegunSaga<Io>, boolean>(engine, begun, async (tx, held) => {
        if (!back && isCancelled(held)) return true;
        await work(tx);
        return false;
      });
      if (cancelled) throw new CancelSeen();
      signal.throwIfAborted();
    },
    async note(message) {
      const data = { name: step.name, status: current.status, note: wellFormed(message) };
      const event = { type: "step" as const, data };
      await fenced<Io, ClaimedSaga<Io>, void>(engine, { ...begun, at: engine.clock.now() }, (tx, held) =>
        writeOne(tx, change(held, {}, [event])),
      );
      engine.announce([saga.id]);
    },
    startedAt: (back ? row.undo_started_at : row.started_at) ?? now,
    deadline: (back ? row.undo_deadline_at : row.deadline_at) ?? now,
    signal,
  };
  // The getter must stay one: an intent written during the attempt is what the attempt reads back.
  return Object.defineProperties(Object.create(null), {
    ...Object.getOwnPropertyDescriptors(engine.context(saga)),
    ...Object.getOwnPropertyDescriptors(attempt),
  });
}
