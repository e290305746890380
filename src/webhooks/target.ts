import { isIP } from "node:net";
import type { Clock } from "#clock.ts";
import { isPublic } from "#public-address.ts";
import { type Address, createResolver, type Resolve } from "./resolver.ts";

export interface TargetPolicy {
  /** ARCADIA_WEBHOOK_ALLOW_PRIVATE: internal addresses and plain http are allowed. */
  readonly allowPrivate: boolean;
  /** How names are resolved; the system's way unless given. */
  readonly resolve?: Resolve;
}

/** A place that webhooks may not be sent to. */
export class RefusedTarget extends Error {
  override readonly name = "RefusedTarget";
}

const hint = "; set ARCADIA_WEBHOOK_ALLOW_PRIVATE=true to allow it";

/** What is wrong with the URL by itself; undefined: nothing. */
export function faultOf(text: string, { allowPrivate }: TargetPolicy): string | undefined {
  const url = URL.parse(text);
  if (!url || !["http:", "https:"].includes(url.protocol)) return "must be an https URL";
  if (url.username || url.password) return "must not hold a user or password";
  if (url.hash) return "must not have a fragment";
  if (allowPrivate) return undefined;
  if (url.protocol !== "https:") return `must be an https URL${hint}`;
  const host = hostOf(url);
  if (isIP(host) ? !isPublic(host) : /(^|\.)(localhost|local|internal)\.?$/i.test(host))
    return `leads to a private, loopback or link-local address${hint}`;
  return undefined;
}

const systemResolve = createResolver();
const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, "$1");

/**
 * The addresses of the URL's host, each of which may be connected to. Whoever connects uses one of them and does not
 * resolve again, or the name could lead elsewhere the second time.
 * @throws {RefusedTarget} when a single one of them is internal
 */
export async function resolveTarget(url: URL, policy: TargetPolicy, signal: AbortSignal): Promise<Address[]> {
  const fault = faultOf(url.href, policy);
  if (fault) throw new RefusedTarget(`The URL ${fault}`);
  const host = hostOf(url);
  const family = isIP(host);
  const addresses = family ? [{ address: host, family }] : await (policy.resolve ?? systemResolve)(host, signal);
  const inner = addresses.find(({ address }) => !isPublic(address));
  if (inner && !policy.allowPrivate)
    throw new RefusedTarget(`${host} resolves to ${inner.address}, which is private, loopback or link-local${hint}`);
  return addresses;
}

/**
 * What is wrong with the URL, its name resolved. A name that does not resolve within 2 s is let through: every
 * delivery looks again.
 */
export async function faultOfTarget(text: string, policy: TargetPolicy, clock: Clock): Promise<string | undefined> {
  const fault = faultOf(text, policy);
  if (fault) return fault;
  try {
    await resolveTarget(new URL(text), policy, clock.timeout(2000));
    return undefined;
  } catch (error) {
    return error instanceof RefusedTarget ? error.message : undefined;
  }
}
