import type { z } from "zod";
import type { Account } from "./account-state.ts";
import type { Identity } from "./accounts.ts";
import type { Consistency } from "./consistency.ts";
import { unprocessable } from "./errors.ts";
import type { Settings } from "./options.ts";

/** One request that has been let in, as a route sees it. */
export interface Call {
  account: Account;
  who: Identity;
  settings: Settings;
  consistency: Consistency;
  now: number;
  /** Scheme and host for links: the public URL, or as the client wrote them. */
  origin: string;
  path: string;
  params: readonly string[];
  query: URLSearchParams;
  body: unknown;
  /** Answers 403 unless the token may do this. */
  allow(scope: string): void;
  /** The droplets of this create are accepted and never placed. */
  placementFails: boolean;
  /** What is asked for is answered, and not done. */
  isIneffective: boolean;
}

export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** One of the path's parameters, in the order of the template. */
export function param(call: Call, index: number): string {
  return call.params[index] ?? "";
}

/** Digits and nothing else name something; the rest names nothing. */
export const idOf = (text: string): number => (/^\d+$/.test(text) ? Number(text) : Number.NaN);

/** One of the path's parameters, as an id. */
export const idParam = (call: Call, index: number): number => idOf(param(call, index));

export function bodyOf<T>(call: Call, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(call.body ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw unprocessable(`${issue?.path.join(".") || "body"}: ${issue?.message ?? "is not valid"}`);
}

export const iso = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
