import { z } from "zod";

export const matrixTask = z.object({
  sagas: z.array(z.string()),
  /** Whether all that can happen once is run, or only what is drawn. */
  singles: z.enum(["all", "none"]),
  pairs: z.union([z.int(), z.literal("all")]),
  seed: z.int(),
  /** Of how many parts of the whole this run is which, counted from 0. */
  shard: z.object({ index: z.int(), count: z.int() }),
  /** `<saga> <trial>` of what an earlier run has done. */
  done: z.array(z.string()),
  /** Real time, in milliseconds since 1970, from which on nothing more is begun; null: none. */
  until: z.number().nullable(),
});

export type MatrixTask = Readonly<z.output<typeof matrixTask>>;

const ran = z.object({ kind: z.literal("ran"), saga: z.string(), trial: z.string(), broken: z.array(z.string()) });
const proved = z.object({
  kind: z.literal("proved"),
  saga: z.string(),
  points: z.int(),
  calls: z.int(),
  faults: z.int(),
  singles: z.int(),
  pairs: z.int(),
});

export const matrixMessage = z.union([ran, proved]);
export type MatrixMessage = Readonly<z.output<typeof matrixMessage>>;
