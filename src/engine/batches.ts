/** Work that is done together as it comes: what comes while some is under way is the next one's. No timer is involved. */
export interface Batches<Item> {
  add(item: Item): void;
}

export interface BatchesOptions<Item> {
  /** How many batches may be under way. */
  readonly flights: number;
  /** How many items one has at most. */
  readonly most: number;
  /** Sees to a batch, and never fails. `take` gives what waits: to be called once all is ready, so that it is much. */
  readonly fly: (take: () => Item[]) => Promise<void>;
}

export function createBatches<Item>({ flights, most, fly }: BatchesOptions<Item>): Batches<Item> {
  let waiting: Item[] = [];
  let flying = 0;

  const take = (): Item[] => {
    const taken = waiting.slice(0, most);
    waiting = waiting.slice(taken.length);
    return taken;
  };

  const flyOn = async (): Promise<void> => {
    flying += 1;
    try {
      while (waiting.length > 0) await fly(take);
    } finally {
      flying -= 1;
    }
  };

  return {
    add(item) {
      waiting.push(item);
      if (flying < flights) void flyOn();
    },
  };
}
