import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { arcadiaProgram } from "./arcadia-process.ts";
import { settings, type Stack, type StackOptions } from "./stack.ts";

export interface WorkerProcess extends AsyncDisposable {
  /** SIGKILL and SIGTERM wait for the end. @returns the exit status, null when a signal ended it */
  signal(name: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT"): Promise<number | null>;
}

/** A real `arcadia worker` on the stack's database and provider. */
export async function startWorkerProcess(stack: Stack, timing: StackOptions["timing"] = {}): Promise<WorkerProcess> {
  const env = {
    ...settings(stack.providerUrl, timing),
    PATH: "/usr/bin:/bin",
    DATABASE_URL: stack.url,
    ARCADIA_LOG_LEVEL: "warn",
  };
  const child = spawn(arcadiaProgram, ["worker"], { env, cwd: "/", stdio: ["ignore", "pipe", "pipe"] });
  child.stderr.on("data", (data: Buffer) => stack.logged.push(data.toString()));
  const ended = once(child, "exit");
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended.then(() => [""])]);
  if (!/is at work/.test(String(line))) throw new Error(`The worker did not start: ${stack.logged.at(-1)}`);
  const signal: WorkerProcess["signal"] = async (name) => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    child.kill(name);
    if (name === "SIGKILL" || name === "SIGTERM") await ended;
    return child.exitCode;
  };
  return {
    signal,
    async [Symbol.asyncDispose]() {
      await signal("SIGKILL");
    },
  };
}
