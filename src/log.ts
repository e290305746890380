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
      redact: { paths: secretPaths.flatMap((path) => [path, `*.${path}`, `*.*.${path}`]), censor: "[redacted]" },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
}
