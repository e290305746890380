import type { Fetch } from "#providers/digitalocean/exchange.ts";
import { believedMs } from "#providers/digitalocean/store.ts";
import { simulatorFetch } from "#simulator/in-process.ts";
import type { Simulator } from "#simulator/simulator.ts";
import { type Actor, never, newActor } from "./actor.ts";
import { clockOf } from "./clock.ts";
import type { Scheduler } from "./scheduler.ts";

/** One request to the provider, numbered over all actors. */
export interface ProviderCall {
  readonly index: number;
  readonly actor: Actor;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body?: string;
}

/** What is done to a call: before it reaches the provider, and to the answer. */
export interface Interference {
  readonly arm?: (simulator: Simulator, call: ProviderCall) => Promise<void>;
  readonly bend?: (answer: Response) => Promise<Response>;
  /** The connection breaks, and the request reaches the provider so much later. Milliseconds. */
  readonly lateByMs?: number;
}

export interface WireOptions {
  readonly scheduler: Scheduler;
  readonly simulator: Simulator;
  readonly latencyMs: () => number;
  readonly interfere: (call: ProviderCall) => Interference | undefined;
  /** Hears of every request that was begun before the Retry-After of an earlier answer had passed, or a minute of it (rule 28). */
  readonly tooSoon?: (what: string) => void;
}

/** From the answer on, how long it takes until all workers may know of it. Milliseconds. */
const spreadMs = 1000;

/** The network between the actors and the provider: it takes time, and whoever uses it may die on either way. */
export function createWire({ scheduler, simulator, latencyMs, interfere, tooSoon }: WireOptions) {
  const network = newActor("the network");
  let calls = 0;
  let stayAway = { from: Infinity, until: 0 };
  return (actor: Actor, provider = simulator): Fetch => {
    const clock = clockOf(scheduler, actor);
    const deliver = simulatorFetch(provider);
    return async (url, init) => {
      const { method = "GET" } = init;
      const { pathname: path, searchParams: query } = new URL(url);
      const begun = scheduler.now();
      if (begun > stayAway.from && begun < stayAway.until) tooSoon?.(`${method} ${path}`);
      const signal = init.signal ?? undefined;
      const latency = latencyMs();
      await clock.sleep(latency / 2, signal);
      const sent = await scheduler.turn(actor, async () => {
        if (scheduler.cross(actor, "provider", `${method} ${path}`)) return undefined;
        const body = typeof init.body === "string" ? init.body : undefined;
        const call = { index: calls++, actor, method, path, query, ...(body !== undefined && { body }) };
        const interference = interfere(call);
        await interference?.arm?.(provider, call);
        if (interference?.lateByMs !== undefined) {
          const { signal: _, ...later } = init;
          scheduler.at(network, scheduler.now() + interference.lateByMs, () => void deliver(url, later));
          return { answer: Promise.reject<Response>(new TypeError("fetch failed")), bend: undefined };
        }
        // Not awaited here: a hang lasts until the caller gives up, and time must go on.
        return { answer: deliver(url, init), bend: interference?.bend };
      });
      // Struck down before it was sent: frozen, it is sent when thawed, if it still may be.
      if (!sent) return struck(scheduler, actor, () => deliver(url, init));
      const answer = await sent.answer;
      await clock.sleep(latency / 2, signal);
      if (scheduler.cross(actor, "provider", `${method} ${path}: ${answer.status}`))
        return struck(scheduler, actor, async () => {
          signal?.throwIfAborted();
          return answer;
        });
      const { status, headers } = answer;
      if (status === 429 && headers.has("retry-after")) {
        const now = scheduler.now();
        const ms = Number(headers.get("retry-after")) * 1000;
        // One that names a moment is of more than that.
        stayAway = { from: now + spreadMs, until: now + (Number.isNaN(ms) ? believedMs : Math.min(ms, believedMs)) };
      }
      return sent.bend ? sent.bend(answer) : answer;
    };
  };
}

/** Frozen, it goes on after the timers that were due meanwhile, as a thawed process does. */
async function struck<T>(scheduler: Scheduler, actor: Actor, goOn: () => Promise<T>): Promise<T> {
  if (actor.state === "dead") return never();
  await new Promise<void>((resolve) => actor.onThaw.push(resolve));
  const { going } = await scheduler.turn(actor, () => ({ going: goOn() }));
  return going;
}
