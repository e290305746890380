import type { Clock } from "#clock.ts";
import type { Config } from "#config.ts";
import type { Ids } from "#ids.ts";

/** Everything that a command touches beside the API. */
export interface Cli {
  /** Read when a command needs it. @throws {ConfigError} naming what is wrong in the environment */
  readonly config: () => Promise<Config>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
}

export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** One line. */
export function say(output: Output, line: string): void {
  output.write(`${line}\n`);
}
