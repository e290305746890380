import { expect } from "vitest";
import { checkLeftOut, isLeftOut } from "./left-out-document.ts";
import { documentIsThere, officialDocument } from "./official-document.ts";
import { smallDroplet, type TestAnswer, type TestSimulator, testSimulator } from "./test-simulator.ts";

export interface CheckedSimulator extends TestSimulator {
  /** Asks, and checks the answer by the official document where that is at hand. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<TestAnswer>;
  /** Methods and statuses so far. */
  readonly asked: ReadonlySet<string>;
}

/** A calm simulator whose every answer is checked. */
export async function checkedSimulator(options: object = {}): Promise<CheckedSimulator> {
  const simulator = await testSimulator({ calm: true, rateLimits: "off", ...options });
  const check = documentIsThere ? officialDocument() : undefined;
  const asked = new Set<string>();
  return {
    ...simulator,
    asked,
    async ask(method, path, body, headers) {
      const answer = await simulator.call(method, path, body, headers);
      const [at = path] = path.split("?");
      const fault = isLeftOut(`${method} ${at}`)
        ? checkLeftOut(`${method} ${at}`, answer.status, answer.body)
        : check?.(method, at, answer.status, answer.body);
      expect(fault).toBe(undefined);
      for (const header of ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"])
        expect(answer.headers.get(header)).toMatch(/^\d+$/);
      asked.add(`${method} ${answer.status}`);
      return answer;
    },
  };
}

/** Makes a droplet, and waits until it has booted. @returns its id */
export async function bootedDroplet({ ask, clock }: CheckedSimulator, more: object = {}): Promise<number> {
  const made = await ask("POST", "/v2/droplets", { ...smallDroplet, ...more });
  clock.advance(3000);
  return made.body.droplet.id;
}

/** How many a list says there are. */
export const totalOf = async ({ ask }: CheckedSimulator, path: string): Promise<number> =>
  (await ask("GET", path)).body.meta.total;

/** The bytes of an SSH key that no account has at its start. */
export const keyBytes = "AAAAC3NzaC1lZDI1NTE5AAAAILOdTsUGUxRYwWMBKWmJ8WlC1Nn6B8K4fxzKHwQZaYbC";
