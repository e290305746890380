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
  /** Whatever else there is to be done there. */
  send(method: string, path: string, body?: object): void;
}

/** @param token of our account, and another than ours: what they ask for is not counted as ours */
export function createPerson(simulator: Simulator, token: string): Person {
  const lost = new Set<string>();
  const lostDroplets = new Set<number>();
  const turnedOn = new Set<number>();
  const headers = { authorization: `Bearer ${token}` };
  /** @returns whether it was taken on: while an action of a droplet goes on, no other is */
  async function send(method: string, path: string, body?: object): Promise<boolean> {
    const outcome = await simulator.handle({ method, path, headers, ...(body && { body: JSON.stringify(body) }) });
    return typeof outcome !== "string" && outcome.status < 400;
  }
  return {
    lost,
    lostDroplets,
    turnedOn,
    theirs: new Set(),
    send: (...sent) => void send(...sent),
    lose(dropletId) {
      const address = simulator.state().droplets.find(({ id }) => id === dropletId)?.public_ipv4;
      lostDroplets.add(dropletId);
      if (address) lost.add(address);
      void send("DELETE", `/v2/droplets/${dropletId}`).then((isTaken) => {
        if (isTaken) return;
        lostDroplets.delete(dropletId);
        if (address) lost.delete(address);
      });
    },
    turnOn(dropletId) {
      turnedOn.add(dropletId);
      void send("POST", `/v2/droplets/${dropletId}/actions`, { type: "power_on" });
    },
  };
}
