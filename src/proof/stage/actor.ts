/** Somebody who acts in a proof: a process of its own, as far as the product can tell. */
export interface Actor {
  readonly name: string;
  /** `frozen`: holds still, timers included, until thawed. `dead`: nothing it awaits ever settles. */
  state: "running" | "frozen" | "dead";
  /** What happens to it when it thaws, before anything else. */
  readonly onThaw: (() => void)[];
}

export const newActor = (name: string): Actor => ({ name, state: "running", onThaw: [] });

/** What a dead process awaits. */
export const never = <T>(): Promise<T> => new Promise(() => undefined);

/** Goes on at once, or after the thaw, or never. */
export async function untilRunning(actor: Actor): Promise<void> {
  if (actor.state === "dead") return never();
  if (actor.state === "frozen") await new Promise<void>((resolve) => actor.onThaw.push(resolve));
}
