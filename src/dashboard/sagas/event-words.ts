import { z } from "zod";
import { type SagaEvent, sagaError } from "#api/sagas.ts";
import { inPlainWords, waitingWords } from "./plain-error.ts";
import { plain } from "./words.ts";

const details = z.object({
  name: z.string().optional(),
  status: z.string().optional(),
  waiting_for: z.string().nullish(),
  error: sagaError.nullish(),
  note: z.string().optional(),
  attempts: z.number().optional(),
});

export interface EventWords {
  readonly subject: string;
  readonly status: string | undefined;
  readonly text: string;
}

/** What an event says, for people. Fields of a newer release are passed over. */
export function wordsOfEvent(event: SagaEvent): EventWords {
  const { data: it } = details.safeParse(event);
  const error = it?.error?.message;
  const waiting = it?.waiting_for && `waiting for ${waitingWords(it.waiting_for, error)}`;
  const said = [error && inPlainWords(error).said, waiting, it?.note];
  return {
    subject: event.type === "step" && it?.name ? plain(it.name) : "Saga",
    status: it?.status,
    text: said.filter(Boolean).join(" · "),
  };
}

/** The same in one sentence. */
export function tell(event: SagaEvent): string {
  const { subject, status, text } = wordsOfEvent(event);
  const what = status ? `${subject}: ${status.replaceAll("_", " ")}` : subject;
  return text ? `${what}. ${text}` : what;
}
