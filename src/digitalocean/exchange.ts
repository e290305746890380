import type { Clock } from "#clock.ts";
import type { Call } from "./call.ts";
import { DigitalOceanError, type Effect } from "./errors.ts";
import { pathOf, type Request } from "./request.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Wire {
  readonly baseUrl: string;
  readonly token: string;
  readonly clock: Clock;
  readonly fetch: Fetch;
  /** Milliseconds until an exchange is given up, connecting and reading the body included. */
  readonly timeoutMs: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * Sends one request once and reads its whole answer, whatever its status. Redirects are not followed, so the
 * token goes nowhere but to the configured base URL.
 * @throws {DigitalOceanError} `not_sent`, `aborted`, `timeout`, `unreachable`.
 */
export async function exchange(wire: Wire, request: Request<unknown>, call: Call): Promise<Answer> {
  const left = call.notAfter && call.notAfter.getTime() - wire.clock.now().getTime();
  if (left !== undefined && left <= 0) {
    throw failed(request, "not_sent", "none", "not sent, it would have come later than it is allowed to");
  }
  if (call.signal?.aborted) {
    throw failed(request, "aborted", "none", "not sent, the caller gave up", call.signal.reason);
  }
  // A process that was frozen runs its timers before its sockets: the abort comes before any byte is sent.
  const deadline = wire.clock.timeout(Math.min(wire.timeoutMs, left ?? wire.timeoutMs));
  try {
    const response = await wire.fetch(`${wire.baseUrl}${pathOf(request)}`, {
      method: request.method,
      headers: {
        authorization: `Bearer ${wire.token}`,
        accept: "application/json",
        "user-agent": "arcadia-cloud",
        ...(request.body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      redirect: "manual",
      signal: call.signal ? AbortSignal.any([call.signal, deadline]) : deadline,
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    const effect = request.method === "GET" ? "none" : "unknown";
    if (call.signal?.aborted) throw failed(request, "aborted", effect, "the caller gave up", error);
    if (deadline.aborted) throw failed(request, "timeout", effect, "no answer in time", error);
    throw failed(
      request,
      "unreachable",
      neverConnected(error) ? "none" : effect,
      `the connection failed (${describe(error)})`,
      error,
    );
  }
}

function failed(
  request: Request<unknown>,
  reason: "not_sent" | "aborted" | "timeout" | "unreachable",
  effect: Effect,
  what: string,
  cause?: unknown,
): DigitalOceanError {
  const { method, route } = request;
  return new DigitalOceanError(what, { method, route, reason, effect, cause });
}

/** The chain of causes, outermost first; fetch wraps the socket's error in a TypeError. */
function* causes(error: unknown): Generator<Error> {
  for (let it = error; it instanceof Error; it = it.cause) {
    yield it;
    if (it instanceof AggregateError) for (const inner of it.errors) yield* causes(inner);
  }
}

const codeOf = (error: Error): string | undefined =>
  "code" in error && typeof error.code === "string" ? error.code : undefined;

const describe = (error: unknown): string =>
  [...causes(error)].map(codeOf).find((code) => code !== undefined) ?? String(error);

/** True when no connection was made, so that nothing can have been sent: refused, no such host, no route. */
function neverConnected(error: unknown): boolean {
  return [...causes(error)].some(
    (it) =>
      codeOf(it) === "UND_ERR_CONNECT_TIMEOUT" ||
      codeOf(it) === "ECONNREFUSED" ||
      ("syscall" in it && (it.syscall === "connect" || it.syscall === "getaddrinfo")),
  );
}
