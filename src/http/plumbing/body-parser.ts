import type { FastifyInstance } from "fastify";
import { Refusal } from "#refusal.ts";
import { cut } from "#well-formed.ts";
import { HttpProblem } from "./problem.ts";

/** Nothing that is asked for is nearly as deep. Whatever walks a body once per level, as JSON.stringify, ends in time. */
export const deepest = 64;
/** Nor has anything nearly as many values: each may fail in several ways, of which each is written out. */
export const mostValues = 2000;

/** Reads JSON bodies in UTF-8. An empty body is none, whatever its content type says. */
export function parseBodies(app: Pick<FastifyInstance, "addContentTypeParser" | "removeAllContentTypeParsers">): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(body));
      const read: unknown = text.trim() === "" ? undefined : JSON.parse(text);
      const message = shapeFault(text);
      done(message === undefined ? null : misshapen(message), read);
    } catch (error) {
      const why = error instanceof Error ? error.message : "unknown";
      done(new HttpProblem("malformed_request", `The body is not JSON in UTF-8: ${cut(why, 200)}`));
    }
  });
}

/** Why a text, which is JSON, is none that is validated, if that is so. */
function shapeFault(text: string): string | undefined {
  let depth = 0;
  let commas = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character === "\\") at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ",") commas += 1;
    else if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    if (depth > deepest) return `must not be nested more than ${deepest} levels deep`;
    if (commas >= mostValues) return `must not hold more than ${mostValues} values`;
  }
  return undefined;
}

const misshapen = (message: string): Refusal =>
  new Refusal("validation_failed", `Nothing was changed. The body ${message}`, { faults: [{ path: "", message }] });
