import type { Clock } from "#clock.ts";
import type { Timing } from "#config.ts";
import type { Db } from "#db/connection.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { Saga } from "#engine/saga.ts";
import type { Attempt, Step } from "#engine/step.ts";
import type { Zones } from "#fleet/zones.ts";
import type { Prober } from "#probes/prober.ts";
import type { Ids } from "#ids.ts";
import type { z } from "zod";

/** What a step has at hand beside its attempt: the database, the provider, and who we are. */
export interface StepContext {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly timing: Timing;
  readonly digitalOcean: DigitalOcean;
  readonly zones: Zones;
  /** This worker's way to ask the droplets. */
  readonly prober: Prober;
  /** Who we are: part of every tag. */
  readonly installId: string;
  /** The circumstances of a request: this saga's, at the urgency of its direction. */
  readonly call: (signal: AbortSignal, options?: { readonly notAfter?: Date }) => Call;
  /** Opens what the API sealed for this owner. */
  readonly openUserData: (sealed: Buffer, ownerId: string) => string;
}

/** What any step has at hand, whatever it intends. */
export type Working = StepContext & Omit<Attempt<unknown>, "intent" | "intend">;

export const saga = <Input>(name: string, input: z.ZodType<Input>) =>
  new Saga<Input, { readonly input: Input }, StepContext>(name, input);

export const step = <const Name extends string, Reads, Output extends object, Intent = never>(
  it: Step<Name, Reads, Output, Intent, StepContext>,
) => it;
