import type { Answer } from "./ask.ts";
import type { Question } from "./check.ts";
import type { Asked, Prober } from "./prober.ts";

/**
 * Asks a droplet at its own address, and at the reserved IP that leads to it where it has one: who comes in by that one
 * has to be served too. @returns the first answer that is not as wanted; else that at its own
 */
export async function askEach(
  prober: Pick<Prober, "ask">,
  asked: Asked,
  question: Question,
  at: { readonly address: string; readonly reserved: string | null | undefined; readonly hostname: string },
  how: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Answer> {
  const { address, reserved, hostname } = at;
  const ask = (one: string): Promise<Answer> =>
    prober.ask(asked, question, { address: one, hostname }, how.timeoutMs, how.signal);
  if (!reserved) return ask(address);
  const [own, other] = await Promise.all([ask(address), ask(reserved)]);
  if (own.kind !== "healthy" || other.kind === "healthy") return own;
  return { ...other, said: `at its reserved IP ${reserved}: ${other.said}` };
}
