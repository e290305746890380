import { z } from "zod";

export const historiesTask = z.object({
  first: z.int(),
  last: z.int(),
  /** Milliseconds of real time after which no further history begins; null: none. */
  forMs: z.number().nullable(),
});
export type HistoriesTask = Readonly<z.output<typeof historiesTask>>;

export const historyReport = z.object({
  seed: z.int(),
  sagas: z.int(),
  broken: z.array(z.string()),
  digest: z.string(),
  /** Of one that broke: the actions that are needed for it. */
  reduced: z.string().nullable(),
});
export type HistoryReport = Readonly<z.output<typeof historyReport>>;
