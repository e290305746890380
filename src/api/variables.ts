import { z } from "zod";
import { keyFault } from "./key-fault.ts";

const name = z
  .string()
  .max(100)
  .regex(/^[A-Z][A-Z0-9_]*$/, "must be capital letters, digits and underscores, a letter first")
  .refine((it) => !it.startsWith("ARCADIA_"), "must not begin with ARCADIA_: those are set here");

/** Lines and tabs are fine: a key in PEM has several. What a shell could not be given back as it came is refused. */
const value = z
  .string()
  .max(64 * 1024)
  .regex(/^[\n\t\P{Cc}]*$/u, "must not hold control characters but tabs and line feeds")
  .refine((it) => it.isWellFormed(), "must be well-formed Unicode: it holds half of a surrogate pair");

const most = 200;
const few = (it: object): boolean => Object.keys(it).length <= most;

/** Name to value, for the droplet: written into /etc/arcadia/deployment.env at its boot, and never given back. */
export const variables = z
  .record(name, value, keyFault)
  .refine(few, `must be at most ${most}`)
  .meta({ id: "Variables" });

/** What is named is set, or removed where it is null; the others stay, since nobody can read them to send them again. */
export const variableChanges = z
  .record(name, value.nullable(), keyFault)
  .refine(few, `must be at most ${most}`)
  .meta({ id: "VariableChanges" });
