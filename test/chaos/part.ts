import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A real process of the product that can be killed, frozen and started again. */
export interface Part {
  readonly name: string;
  /** What `ready` matched on its output when it started last. */
  readonly said: string;
  /** How it ended when nobody of us ended it; a process of the product must outlive everything around it. */
  readonly diedOf: string | undefined;
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  start(): Promise<void>;
  /** SIGTERM. @returns the exit status */
  stop(): Promise<number | null>;
}

export interface PartOptions {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env: Record<string, string>;
  readonly ready: RegExp;
  /** Every line that it printed. */
  readonly lines: string[];
}

export async function startPart(options: PartOptions): Promise<Part> {
  const { name, env, ready, lines } = options;
  const [program, ...args] = options.command;
  let child: ChildProcess;
  let said = "";
  let wanted = true;
  let diedOf: string | undefined;

  const start = async () => {
    wanted = true;
    const started = spawn(program, args, {
      env: { PATH: "/usr/bin:/bin", ...env },
      cwd: "/",
      stdio: ["ignore", "pipe", "pipe"],
    });
    child = started;
    createInterface({ input: started.stderr }).on("line", (line) => lines.push(line));
    const output = createInterface({ input: started.stdout });
    await new Promise<void>((resolve, reject) => {
      output.on("line", (line) => {
        lines.push(line);
        const match = ready.exec(line);
        if (!match) return;
        said = match[1] ?? "";
        resolve();
      });
      started.once("exit", (status, signal) => {
        if (wanted) diedOf = `${name}: status ${status}, signal ${signal}: ${lines.slice(-8).join("\n")}`;
      });
      started.once("exit", () => reject(new Error(`${name} ended before it was ready: ${lines.slice(-3).join("\n")}`)));
    });
  };
  const end = async (signal: NodeJS.Signals) => {
    wanted = false;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
    }
    return child.exitCode;
  };
  await start();
  // Also a storm that is ended by a signal leaves nothing behind.
  process.once("exit", () => child.kill("SIGKILL"));
  return {
    name,
    get said() {
      return said;
    },
    get diedOf() {
      return diedOf;
    },
    async kill() {
      await end("SIGKILL");
    },
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    start,
    stop: () => end("SIGTERM"),
  };
}
