import type { Simulator } from "#simulator/simulator.ts";

/** Somebody who has the provider's own panel. What they do has its effect at once; what is refused has none. */
export interface Person {
  /** Addresses that a stranger has while a record leads to them, which we cannot know at once. */
  readonly lost: Set<string>;
  /** The droplets that had them. */
  readonly lostDroplets: ReadonlySet<number>;
  /** Droplets that they have turned on: they are not as we wanted them. */
  readonly turnedOn: ReadonlySet<number>;
  /** What they have made in the account and keep there, as `<kind> <id>`: nothing of it may be taken away. */
  readonly theirs: Set<string>;
  /** Destroys a droplet. */
  lose(dropletId: number): void;
  turnOn(dropletId: number): void;
  /** Whatever else there is to be done there. @returns the answer @throws what the provider refuses */
  ask(method: string, path: string, body?: object): Promise<unknown>;
  /** The same, where nothing depends on whether it is refused. */
  send(method: string, path: string, body?: object): void;
}

/** @param token of our account, and another than ours: what they ask for is not counted as ours */
export function createPerson(simulator: Simulator, token: string): Person {
  const lost = new Set<string>();
  const lostDroplets = new Set<number>();
  const turnedOn = new Set<number>();
  const headers = { authorization: `Bearer ${token}` };
  async function ask(method: string, path: string, body?: object): Promise<unknown> {
    const query = new URLSearchParams({ per_page: "200" });
    const request = { method, path, headers, query, ...(body && { body: JSON.stringify(body) }) };
    const answer = await simulator.handle(request);
    if (typeof answer === "string" || answer.status >= 300)
      throw new Error(`A person's ${method} ${path} came to nothing: ${JSON.stringify(answer)}`);
    return answer.body === "" ? undefined : JSON.parse(answer.body);
  }
  const send: Person["send"] = (...asked) => void ask(...asked).catch(() => undefined);
  return {
    lost,
    lostDroplets,
    turnedOn,
    theirs: new Set(),
    ask,
    send,
    lose(dropletId) {
      const address = simulator.state().droplets.find(({ id }) => id === dropletId)?.public_ipv4;
      lostDroplets.add(dropletId);
      if (address) lost.add(address);
      // While an action of it goes on it is refused.
      ask("DELETE", `/v2/droplets/${dropletId}`).catch(() => {
        lostDroplets.delete(dropletId);
        if (address) lost.delete(address);
      });
    },
    turnOn(dropletId) {
      turnedOn.add(dropletId);
      send("POST", `/v2/droplets/${dropletId}/actions`, { type: "power_on" });
    },
  };
}
