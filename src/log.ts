import { type DestinationStream, type Logger, pino } from "pino";

export type Log = Logger;

/** Names under which a secret could reach a log line; their values are removed. */
const secretPaths = ["token", "user_data", "userData", "password", "authorization", "secret"];

/** JSON lines, with secrets redacted by name at the top level and one level down. */
export function openLog(level: string, destination?: DestinationStream): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: plainError },
      redact: { paths: secretPaths.flatMap((path) => [path, `*.${path}`, `*.*.${path}`]), censor: "[redacted]" },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
}

/**
 * An error with its causes and its own plain fields. Objects that hang on it stay out: a database error carries its whole
 * connection, and nobody knows what else might come along.
 */
function plainError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const plain = Object.entries(error).filter(([, value]) => value !== null && typeof value !== "object");
  return {
    ...Object.fromEntries(plain),
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(error.cause !== undefined && { cause: plainError(error.cause) }),
    ...(error instanceof AggregateError && { errors: error.errors.map(plainError) }),
  };
}
