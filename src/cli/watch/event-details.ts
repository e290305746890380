import { z } from "zod";
import { type SagaEvent, sagaError } from "#api/sagas.ts";

const details = z.object({
  status: z.string().optional(),
  step: z.string().optional(),
  name: z.string().optional(),
  waiting_for: z.string().nullish(),
  error: sagaError.nullish(),
  note: z.string().optional(),
  attempts: z.number().optional(),
});

/** What an event says beside its kind. Fields of a newer release are passed over. */
export interface EventDetails {
  /** The step's name; undefined for the saga's own events. */
  readonly step: string | undefined;
  readonly status: string | undefined;
  readonly waitingFor: string | undefined;
  readonly error: string | undefined;
  readonly note: string | undefined;
}

export function detailsOf(event: SagaEvent): EventDetails {
  const it = details.parse(event);
  return {
    step: event.type === "step" ? (it.step ?? it.name) : undefined,
    status: it.status,
    waitingFor: it.waiting_for ?? undefined,
    error: it.error?.message,
    note: it.note,
  };
}
