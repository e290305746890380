import { denial } from "../stage/lies.ts";
import { faultAt } from "../matrix/faults.ts";
import type { Actor } from "../stage/actor.ts";
import { type Crossing, isByDatabase, type Mishap } from "../stage/scheduler.ts";
import type { Interference, ProviderCall } from "../stage/wire.ts";

/** What will befall workers and calls, until calm is declared. */
export interface Troubles {
  /** The worker is struck after so many more crossings. */
  strike(worker: Actor, mishap: Mishap, after: number, struck?: () => void): void;
  /** The next call that it applies to. */
  arm(fault: string): void;
  outage(fault: string, until: number): void;
  calm(): void;
  /** The provider denies these droplets from now on; undefined: none any more. */
  deny(isDenied: ((id: number) => boolean) | undefined): void;
  befalls(crossing: Crossing): Mishap | undefined;
  interferes(call: ProviderCall, now: number): Interference | undefined;
}

interface Doom {
  readonly mishap: Mishap;
  readonly struck: () => void;
  left: number;
}

export function createTroubles(): Troubles {
  const dooms = new Map<Actor, Doom>();
  let armed: string[] = [];
  let isDenied: ((id: number) => boolean) | undefined;
  let outage: { readonly fault: string; readonly until: number } | undefined;

  return {
    strike(worker, mishap, after, struck = () => undefined) {
      if (worker.state === "running") dooms.set(worker, { mishap, struck, left: after });
    },
    arm(fault) {
      armed.push(fault);
    },
    outage(fault, until) {
      outage = { fault, until };
    },
    deny(is) {
      isDenied = is;
    },
    calm() {
      dooms.clear();
      armed = [];
      outage = undefined;
    },
    befalls({ actor, port }) {
      const doom = dooms.get(actor);
      if (!doom || doom.left-- > 0) return undefined;
      // The database can do nothing but at a statement.
      if (port !== "sql" && isByDatabase(doom.mishap)) return undefined;
      dooms.delete(actor);
      doom.struck();
      return doom.mishap;
    },
    interferes(call, now) {
      if (outage && now < outage.until) return faultAt(outage.fault, call);
      for (const name of armed) {
        const fault = faultAt(name, call);
        if (!fault) continue;
        armed = armed.filter((it) => it !== name);
        return fault;
      }
      return isDenied && denial(isDenied, call);
    },
  };
}
