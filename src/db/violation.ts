import pg from "pg";

/** The unique constraint or index that a statement ran into, if that is what the error says. */
export const violatedUnique = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError && error.code === "23505" ? error.constraint : undefined;

const transient = new Set(["40P01", "40001", "55P03", "57014"]);

/** Deadlock, serialization failure, or a wait that took too long: the same transaction can be run again. */
export const isTransient = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && transient.has(error.code ?? "");

const unreachable = /^(?:ECONN|ETIMEDOUT|ENOENT|EPIPE|EHOSTUNREACH|08|53|57P0|25P03)/;

/** The database cannot be reached or is shutting down, or has no room: the fault is not the statement's. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && unreachable.test(error.code)) return true;
  // pg reports these without a code.
  return /^(?:Connection terminated|Client (?:has encountered a connection error|was closed)|timeout exceeded when trying to connect)/.test(
    error.message,
  );
}
