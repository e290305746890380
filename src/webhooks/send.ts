import { request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import type { Clock } from "#clock.ts";
import { outsideText } from "#well-formed.ts";
import type { Address } from "./resolver.ts";
import { resolveTarget, type TargetPolicy } from "./target.ts";

/** How one attempt went. `status` null: no answer came, and `error` says why. */
export interface Outcome {
  readonly status: number | null;
  readonly error: string | null;
}

const timeoutMs = 10_000;

/**
 * Posts the body to the URL, at an address that was checked, within 10 s. Redirects are not followed: they are an
 * answer other than 2xx, so a failure. The answer's body is not read.
 */
export async function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  options: { readonly policy: TargetPolicy; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Outcome> {
  const timeout = options.clock.timeout(timeoutMs);
  const signal = AbortSignal.any([timeout, options.signal]);
  try {
    const addresses = await resolveTarget(url, options.policy, signal);
    const status = await post(url, headers, body, pinned(addresses), signal);
    return { status, error: status >= 200 && status < 300 ? null : `The receiver answered ${status}` };
  } catch (error) {
    if (options.signal.aborted) throw error;
    if (timeout.aborted) return { status: null, error: `No answer within ${timeoutMs / 1000} s` };
    // It may quote a stranger's certificate.
    return { status: null, error: outsideText(messageOf(error)) };
  }
}

/** The name is resolved already: it leads to these addresses and no others. */
const pinned =
  (addresses: readonly Address[]): LookupFunction =>
  (_host, { all }, done) => {
    const [first] = addresses;
    if (all) done(null, [...addresses]);
    else if (first) done(null, first.address, first.family);
    else done(new Error("The name has no address"), "");
  };

function post(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  lookup: LookupFunction,
  signal: AbortSignal,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const options: RequestOptions = {
    method: "POST",
    lookup,
    signal,
    agent: false,
    headers: { ...headers, "content-length": `${Buffer.byteLength(body)}` },
  };
  const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, options, (response) => {
    resolve(response.statusCode ?? 0);
    response.destroy();
  });
  request.on("error", reject);
  request.end(body);
  return promise;
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return error instanceof Error ? error.message : "The request failed";
}
