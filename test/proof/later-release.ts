import type { Tx } from "#db/connection.ts";
import type { Plan } from "#engine/plan.ts";
import { type AnySaga, type AnyStep, Saga } from "#engine/saga.ts";
import type { StepContext } from "#sagas/step-context.ts";

type Sagas = ReadonlyMap<string, AnySaga<StepContext>>;

/** Has no effect, and no place in the plan of a saga that began before it was there. */
const added: AnyStep<StepContext> = {
  ...({ name: "added_by_a_later_release" } as AnyStep<StepContext>),
  execute: async () => {
    throw new Error("A saga that began before this step was there has run it");
  },
  compensate: async () => {
    throw new Error("A saga that began before this step was there has undone it");
  },
};

const each = (sagas: Sagas, change: (saga: AnySaga<StepContext>) => AnySaga<StepContext>): Sagas =>
  new Map([...sagas].map(([name, saga]) => [name, change(saga)]));

/**
 * Today's sagas as a release could have them that changes all that it may: a step more, the others in another order, one
 * of them retired, another order of undoing, and no pivot where there was one.
 */
export const laterRelease = (sagas: Sagas): Sagas =>
  each(sagas, ({ name, input, steps }) => {
    const [last, ...others] = steps.map((step) => ({ ...step, undoAfter: [] })).toReversed();
    return new Saga(name, input, { steps: [added, ...others], retired: last ? [last] : [] });
  });

/** A release with one step more that finds the steps of a saga in flight by their places. */
export const readByPosition = (sagas: Sagas): Sagas =>
  each(sagas, ({ name, input, steps }) => {
    const shifted = [{ ...added, writes: steps[0]?.writes }, ...steps];
    return new Saga(name, input, {
      steps: steps.map((step, place) => ({ ...step, ...shifted[place], name: step.name }) as AnyStep<StepContext>),
    });
  });

/** Has the saga the plan of an earlier release, as if that had started it. */
export const beganWith =
  (plan: Plan) =>
  async (tx: Tx, sagaId: string): Promise<void> => {
    await tx.deleteFrom("saga_steps").where("saga_id", "=", sagaId).execute();
    await tx.updateTable("sagas").set({ pivot: plan.pivot }).where("id", "=", sagaId).execute();
    await tx
      .insertInto("saga_steps")
      .values(
        plan.steps.map(({ name, undoAfter }, position) => {
          return { saga_id: sagaId, position, name, status: "pending" as const, undo_after: [...undoAfter] };
        }),
      )
      .execute();
  };
