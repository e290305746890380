import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The program of this checkout. */
export const arcadia = fileURLToPath(new URL("../bin/arcadia", import.meta.url));

export interface Serving {
  readonly pid: number;
  /** Where its API and its dashboard are. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Of a process: ours, but for a database that it would be measured with by accident. Logged are warnings. */
export function environment(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { DATABASE_URL: _, ...inherited } = process.env;
  return { ...inherited, PORT: "0", HOST: "127.0.0.1", ARCADIA_LOG_LEVEL: "warn", ...settings };
}

/**
 * `arcadia serve` as it is started by hand, once it is ready.
 * @param options.log what becomes of its log
 */
export async function serve(
  env: NodeJS.ProcessEnv,
  { program = arcadia, log = "inherit" }: { readonly program?: string; readonly log?: "inherit" | "ignore" } = {},
): Promise<Serving> {
  const child = spawn(program, ["serve"], { env, stdio: ["ignore", "pipe", log] });
  let said = "";
  for await (const piece of child.stdout.setEncoding("utf8")) {
    said += String(piece);
    const url = /is ready on (http:\S+)/.exec(said)?.[1];
    if (url === undefined || child.pid === undefined) continue;
    return {
      pid: child.pid,
      url,
      async stop() {
        child.kill("SIGTERM");
        await once(child, "exit");
      },
    };
  }
  throw new Error(`arcadia serve ended before it was ready: ${said}`);
}
