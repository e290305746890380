import type { Simulator } from "./simulator.ts";

/**
 * A `fetch` that ends in the simulator's handler: no socket and no real time, so that a run can be replayed. As with
 * the real one, a cut connection rejects with a TypeError, and a hang lasts until the caller's signal aborts.
 */
export function simulatorFetch(simulator: Pick<Simulator, "handle">): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    // A Request's own signal only follows the caller's, and stops doing so when the Request is collected.
    const signal = init?.signal ?? request.signal;
    signal.throwIfAborted();
    const url = new URL(request.url);
    const outcome = await simulator.handle({
      method: request.method,
      path: url.pathname,
      query: url.searchParams,
      headers: { host: url.host, ...Object.fromEntries(request.headers) },
      body: await request.text(),
    });
    signal.throwIfAborted();
    if (outcome === "reset") throw new TypeError("fetch failed", { cause: new Error("The connection was reset") });
    if (outcome === "hang") return aborted(signal);
    const { status, headers, body } = outcome;
    const bare = request.method === "HEAD" || [204, 205, 304].includes(status);
    return new Response(bare ? null : body, { status, headers });
  };
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
