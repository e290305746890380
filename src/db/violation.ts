import pg from "pg";
import { DatabaseBusy } from "./acquire.ts";
import { DatabaseReadOnly } from "./takes-changes.ts";

/** The unique constraint or index that a statement ran into, if that is what the error says. */
export const violatedUnique = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError && error.code === "23505" ? error.constraint : undefined;

const codeOf = (error: unknown): string => (error instanceof pg.DatabaseError ? (error.code ?? "") : "");

/** Deadlock or serialization failure: the transaction is surely undone, whatever it was about to do. */
export const isUndone = (error: unknown): boolean => ["40P01", "40001"].includes(codeOf(error));

/** A lock was not to be had in the time that there was. */
export const isOutrun = (error: unknown): boolean => codeOf(error) === "55P03";

/** One of those, or a statement that took too long or was cancelled: asking again later may do. */
export const isTransient = (error: unknown): boolean => isUndone(error) || isOutrun(error) || codeOf(error) === "57014";

/** The connection is gone: its server process was ended, or crashed, or the way to it broke. */
export const isLost = (error: unknown): boolean =>
  /^(?:57P0[12]|08)/.test(codeOf(error)) ||
  (error instanceof Error && error.message.startsWith("Connection terminated"));

/** The server is there, and is starting, stopping or recovering: soon it may accept connections. */
export const isStarting = (error: unknown): boolean => codeOf(error) === "57P03";

/** The database takes no changes: a standby, or one that somebody has set read-only. */
export const isReadOnly = (error: unknown): boolean => error instanceof DatabaseReadOnly || codeOf(error) === "25006";

const unreachable = /^(?:ECONN|ETIMEDOUT|ENOENT|EPIPE|EHOSTUNREACH|08|53|57P0|25P03|25P04)/;

/** The database cannot be reached or is shutting down, or has no room: the fault is not the statement's. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof DatabaseBusy || isReadOnly(error)) return true;
  if ("code" in error && typeof error.code === "string" && unreachable.test(error.code)) return true;
  // pg reports these without a code.
  return /^(?:Connection terminated|Client (?:has encountered a connection error|was closed)|timeout exceeded when trying to connect)/.test(
    error.message,
  );
}
