import type { Working } from "../step-context.ts";

export type DnsIo = Working;
