import type { Attempt } from "#engine/step.ts";
import type { World } from "../step-context.ts";

export type DnsIo = World & Attempt<never>;
