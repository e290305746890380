import { ledAstray } from "#led-astray.ts";
import { leadRecordBack as lead } from "./steps/lead-record-back.ts";
import { saga } from "./step-context.ts";

/** A record that a change of ours has led elsewhere after it was given up on leads where it led again. */
export const leadRecordBack = saga("lead_record_back", ledAstray).pivot(lead);
