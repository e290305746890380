import { secondsBetween, systemClock } from "#clock.ts";
import type { DemoApi, Deployment } from "./api.ts";

/** Prints every change of the deployment's steps until it has ended. @returns it as it ended */
export async function follow(
  api: DemoApi,
  deployment: Deployment,
  startedAt: Date,
  say: (line: string) => void,
): Promise<Deployment> {
  const shown = new Map<string, string>();
  const show = (what: string, text: string) => {
    if (shown.get(what) === text) return;
    shown.set(what, text);
    const time = secondsBetween(startedAt, systemClock.now()).toFixed(1).padStart(5);
    say(`${time} s  ${deployment.name.padEnd(8)} ${what.padEnd(29)} ${text}`);
  };
  return api.untilEnded(deployment, (now) => {
    if (now.saga?.error) show("!! rolls back:", now.saga.error.message);
    for (const step of now.saga?.steps ?? []) {
      if (step.status === "pending" || step.status === "running") continue;
      const isTold = step.error?.message === now.saga?.error?.message;
      show(step.name, step.error && !isTold ? `${step.status}: ${step.error.message}` : step.status);
    }
    if (now.saga?.waiting_for) show("", `waiting for ${now.saga.waiting_for}`);
    if (now.status !== "provisioning") show("=> deployment", now.status);
  });
}
