import { leftover, removeLeftover as remove } from "./steps/remove-leftover.ts";
import { saga } from "./step-context.ts";

/** Of what a recheck has found of ours and of nobody's: a record, a snapshot; droplets have a saga of their own. */
export const removeLeftover = saga("remove_leftover", leftover).pivot(remove);
