export { brokenInvariants, type RecordLine } from "#proof/invariants.ts";
