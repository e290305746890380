import { z } from "zod";
import { type SagaEvent, sagaError } from "#api/sagas.ts";

const details = z.object({
  status: z.string().optional(),
  step: z.string().optional(),
  name: z.string().optional(),
  waiting_for: z.string().nullish(),
  error: sagaError.nullish(),
  note: z.string().optional(),
  cancel_requested: z.boolean().optional(),
  reason: z.string().optional(),
  attempts: z.number().optional(),
});

/** What an event says beside its kind. Fields of a newer release are passed over. */
export interface EventDetails {
  /** The step's name; undefined for the saga's own events. */
  readonly step: string | undefined;
  readonly status: string | undefined;
  /** How often a step was tried, this try included. */
  readonly attempts: number | undefined;
  readonly waitingFor: string | undefined;
  readonly error: string | undefined;
  readonly note: string | undefined;
}

export function detailsOf(event: SagaEvent): EventDetails {
  const it = details.parse(event);
  return {
    step: event.type === "step" ? (it.step ?? it.name) : undefined,
    status: it.status,
    attempts: it.attempts,
    waitingFor: it.waiting_for ?? undefined,
    error: it.error?.message,
    note: it.note ?? (it.cancel_requested ? `cancel was asked for: ${it.reason ?? "no reason is known"}` : undefined),
  };
}
