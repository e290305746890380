export { type AtRest, brokenInvariants, type RecordLine } from "#proof/invariants.ts";
