import { onTestFinished } from "vitest";
import { type RunningSimulator, type SimulatorOptions, startSimulator } from "#simulator/server.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";

/** Whatever the JSON holds: tests read into it and expect. */
export type Json = ReturnType<typeof JSON.parse>;

export interface TestAnswer {
  status: number;
  headers: Headers;
  /** Parsed when it is JSON, otherwise the text. */
  body: Json;
}

export interface TestSimulator extends RunningSimulator {
  clock: ManualClock;
  /** Asks over the socket, with a token. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<TestAnswer>;
  arm(fault: object): Promise<void>;
}

export const smallDroplet = { name: "web-1", region: "syd1", size: "s-1vcpu-512mb-10gb", image: "ubuntu-24-04-x64" };

/** A real server on a free port, on a clock that stands still, closed when the test ends. */
export async function testSimulator(options: SimulatorOptions = {}): Promise<TestSimulator> {
  const clock = createManualClock();
  const running = await startSimulator({ seed: 7, clock, ...options });
  onTestFinished(() => running.close());
  const call: TestSimulator["call"] = async (method, path, body, headers) => {
    const response = await fetch(running.url + path, {
      method,
      headers: { authorization: "Bearer token-of-the-test", ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get("content-type")?.startsWith("application/json") && text !== "";
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  };
  const arm = async (fault: object): Promise<void> => {
    const answer = await call("POST", "/_sim/faults", fault);
    if (answer.status !== 201) throw new Error(`The fault was refused: ${answer.body.message}`);
  };
  return { ...running, clock, call, arm };
}
