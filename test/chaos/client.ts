import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Installation } from "./installation.ts";

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export type ApiClient = (method: string, path: string, body?: object) => Promise<ApiAnswer>;

/** No server that is ever to answer again is silent for longer, whatever is done to it. Milliseconds. */
const longestMs = 300_000;

/**
 * A client that does not give up before the signal: what got no answer is asked again, with the same key.
 * @throws where there was none for five minutes
 */
export function client({ apiUrl, apiToken, server }: Installation, signal: AbortSignal): ApiClient {
  return async (method, path, body) => {
    const key = randomUUID();
    const limit = Date.now() + longestMs;
    for (;;) {
      try {
        const response = await fetch(`${apiUrl}${path}`, {
          method,
          signal: AbortSignal.timeout(10_000),
          headers: {
            authorization: `Bearer ${apiToken}`,
            ...(method === "POST" && { "idempotency-key": key }),
            ...(body && { "content-type": "application/json" }),
          },
          ...(body && { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        const again = response.status >= 500 || (response.status === 409 && text.includes("idempotency"));
        if (!again) return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
      } catch {
        // The server, its database or the connection is away just now: that is the test.
      }
      if (server.diedOf !== undefined) throw new Error(`The server is gone: ${server.diedOf}`);
      if (Date.now() > limit) throw new Error(`${method} ${path} had no answer for ${longestMs / 1000} s`);
      await sleep(250, undefined, { signal });
    }
  };
}
