import { z } from "zod";
import type { Truth } from "#proof/truth.ts";

const shown = z.object({
  truth: z.custom<Truth>(),
  /** Droplets that were gone while a record led to them. */
  led_astray: z.array(z.string()),
  /** Milliseconds of the epoch. */
  restless_until: z.number(),
  lies: z.record(z.string(), z.number()),
});

export type Cloud = Readonly<z.output<typeof shown>>;

async function ask(url: string, what: string): Promise<Cloud> {
  return shown.parse(await (await fetch(`${url}/_cloud/${what}`)).json());
}

export const cloudAt = (url: string): Promise<Cloud> => ask(url, "state");

/** No more lies: but what was begun still happens. */
export const calm = (url: string): Promise<Cloud> => ask(url, "calm");

/** The next creates are done, and answered only after a while. */
export const holdCreates = (url: string, times: number, ms: number): Promise<Cloud> =>
  ask(url, `hold?times=${times}&ms=${ms}`);
