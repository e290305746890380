import { Refusal } from "#refusal.ts";

/** The event streams that are open, counted by token. */
export interface StreamSlots {
  /**
   * @returns the signal that ends the stream when the server closes, and the function that gives the slot back
   * @throws {Refusal} `too_many_streams`
   */
  take(tokenId: string): { readonly closing: AbortSignal; readonly release: () => void };
  closeAll(): void;
}

export function streamSlots(perToken: number): StreamSlots {
  const open = new Map<string, number>();
  const closing = new AbortController();
  return {
    take(tokenId) {
      const count = open.get(tokenId) ?? 0;
      if (count >= perToken)
        throw new Refusal("too_many_streams", `This token has ${count} event streams open; close one first`);
      open.set(tokenId, count + 1);
      let held = true;
      const release = () => {
        if (!held) return;
        held = false;
        const left = (open.get(tokenId) ?? 1) - 1;
        if (left > 0) open.set(tokenId, left);
        else open.delete(tokenId);
      };
      return { closing: closing.signal, release };
    },
    closeAll: () => closing.abort(),
  };
}
