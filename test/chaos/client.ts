import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Installation } from "./installation.ts";

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export type ApiClient = (method: string, path: string, body?: object) => Promise<ApiAnswer>;

/** A client that does not give up before the signal: what got no answer is asked again, with the same key. */
export function client({ apiUrl, apiToken, server }: Installation, signal: AbortSignal): ApiClient {
  return async (method, path, body) => {
    const key = randomUUID();
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
      await sleep(250, undefined, { signal });
    }
  };
}
