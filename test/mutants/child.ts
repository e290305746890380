import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** How a question ended that was not answered. */
export type Unanswered = "hangs" | "died";

/** A child process that answers one question after the other; a new one is started when the last has been ended, or has died. */
export interface Child {
  /** @param ms after which it is ended, with all that it has started */
  ask(
    question: unknown,
    ms: number,
  ): Promise<{ readonly answer: unknown } | { readonly unanswered: Unanswered; readonly said: string }>;
  /** Ends it with all that it has started. */
  end(): Promise<void>;
}

/** @param start as for `fork`; it says that it is ready before it is asked */
export function createChild(
  program: string,
  start: { readonly cwd: string; readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> },
): Child {
  let running: ChildProcess | undefined;
  let said = "";
  const endNow = (): void => {
    // In a group of its own, which nobody else would end with us.
    if (running?.pid !== undefined)
      try {
        process.kill(-running.pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
  };
  process.once("exit", endNow);

  const begin = async (ms: number): Promise<ChildProcess> => {
    const child = fork(program, start.args ?? [], {
      cwd: start.cwd,
      detached: true,
      env: { ...process.env, ...start.env },
      execArgv: ["--single-threaded-gc"],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    said = "";
    child.stderr?.on("data", (chunk) => (said = `${said}${chunk}`.slice(-20_000)));
    child.on("exit", () => {
      if (running === child) running = undefined;
    });
    running = child;
    await answered(child, ms);
    return child;
  };

  return {
    async ask(question, ms) {
      try {
        const child = running ?? (await begin(ms));
        child.send(question as object, () => undefined);
        return { answer: await answered(child, ms) };
      } catch (error) {
        if (!(error instanceof Silent)) throw error;
        await this.end();
        return { unanswered: error.why, said };
      }
    },
    async end() {
      const child = running;
      endNow();
      if (child && child.exitCode === null && child.signalCode === null) await once(child, "exit");
      running = undefined;
    },
  };
}

class Silent extends Error {
  readonly why: Unanswered;

  constructor(why: Unanswered) {
    super(`No answer: it ${why}`);
    this.why = why;
  }
}

function answered(child: ChildProcess, ms: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(new Silent("hangs"))), ms);
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      child.off("message", onMessage);
      child.off("exit", onExit);
      end();
    };
    const onMessage = (answer: unknown): void => settle(() => resolve(answer));
    const onExit = (): void => settle(() => reject(new Silent("died")));
    child.once("message", onMessage);
    child.once("exit", onExit);
  });
}
