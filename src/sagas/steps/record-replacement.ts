import { z } from "zod";
import { respecify } from "#deployments/specification.ts";
import { putVariables } from "#deployments/variables.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { step, type StepContext } from "../step-context.ts";

/** As the API sealed them when they were asked for; null: they are as they were. */
export const sealedVariables = z.object({ names: z.array(z.string()), sealed: z.base64() }).nullable();

interface Reads {
  readonly input: {
    readonly deployment_id: string;
    readonly hostname: string;
    readonly size_slug: string;
    readonly image: string;
    readonly ssh_keys: readonly (string | number)[];
    readonly release: string;
    readonly variables: z.output<typeof sealedVariables>;
  };
  /** Since when the old one was off, where it had to be. */
  readonly down_since?: string | undefined;
  /** When the hostname, or its reserved IP, led to the new one. */
  readonly dns_written_at?: string | undefined;
  readonly reserved_ip_led_at?: string | undefined;
}

/** What the new droplet was made from is what the deployment is made from. */
export const recordReplacement = step({
  name: "record_specification",
  /** For how long the tenant was down: from the old droplet's end until its hostname led to the new one. */
  writes: z.object({ down_seconds: z.int().nullable() }),

  async execute({ input, down_since: since, ...led }: Reads, io: StepContext & Attempt<never>) {
    const until = led.dns_written_at ?? led.reserved_ip_led_at;
    const down_seconds = since && until ? Math.ceil((Date.parse(until) - Date.parse(since)) / 1000) : null;
    if (down_seconds !== null)
      await io.note(`${input.hostname} was down for ${down_seconds} s, while its volume was moved (from ${since})`);
    const { deployment_id, size_slug, image, ssh_keys, release, variables } = input;
    return inTransaction(async (tx) => {
      const at = io.clock.now();
      const change = { deployment_id, sagaId: io.saga.id, at };
      const made = { size_slug, image };
      if (!(await respecify(tx, change, { asked: { ...made, ssh_keys, release, adopted: false }, made })))
        throw new PermanentError("not_active", `Deployment ${deployment_id} is not active any more`);
      if (variables)
        await putVariables(tx, deployment_id, { ...variables, sealed: Buffer.from(variables.sealed, "base64") }, at);
      return { down_seconds };
    });
  },

  /** Goes forward only. */
  async compensate() {},
});
