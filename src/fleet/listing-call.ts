import type { Call } from "#providers/digitalocean/call.ts";

/** How long a page may wait for room among a minute's requests: longer than the window of a minute. Milliseconds. */
export const pagePatienceMs = 65_000;

/** For a listing that is read now and then for all: it gives way to whatever a saga asks for, and waits in place for room. */
export const listingCall = (signal: AbortSignal): Call => ({ priority: "sync", patienceMs: pagePatienceMs, signal });
