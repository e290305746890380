import type { Attempt } from "#engine/step.ts";
import type { World } from "../world.ts";

export type DnsIo = World & Attempt<never>;
