import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("embedded-program.ts", import.meta.url));

export interface EmbeddedProcess {
  readonly child: ChildProcess;
  /** What it said: an address, or why it did not start. */
  readonly said: { url?: string; adopted?: boolean; error?: string };
  /** kill -9, and waits for the end. The server stays. */
  kill(): Promise<void>;
}

export interface ProcessOptions {
  /** The directory into which the outcome of root's part goes. */
  place: string;
  user?: { uid: number; gid: number };
  program?: string;
  node?: string;
  /** kill -9 so long after the start, whatever it has come to. */
  killAfterMs?: number;
}

/** Starts the embedded server in a process of its own, and waits for what that says. */
export async function startEmbeddedProcess(directory: string, options: ProcessOptions): Promise<EmbeddedProcess> {
  const args = [options.program ?? program, directory, options.place];
  const child = spawn(options.node ?? process.execPath, args, {
    cwd: "/",
    stdio: ["pipe", "pipe", "inherit"],
    env: { PATH: "/usr/bin:/bin", DIGITALOCEAN_TOKEN: "planted-secret" },
    ...(options.user && { uid: options.user.uid, gid: options.user.gid }),
  });
  if (options.killAfterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), options.killAfterMs);
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([
    once(lines, "line"),
    once(child, "exit").then(([code]) => [JSON.stringify({ error: `exit status ${code} without a word` })]),
  ]);
  return {
    child,
    said: JSON.parse(line),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}
