import { ApiError } from "./errors.ts";
import type { SimulatorRequest } from "./exchange.ts";
import { parseJson } from "./json-text.ts";

export const maxBodyBytes = 1024 * 1024;

/** The body's JSON object, nothing when there is no body. Throws 413 over 1 MiB, 400 for what is no object. */
export function readJson({ body = "" }: SimulatorRequest): unknown {
  if (Buffer.byteLength(body) > maxBodyBytes) throw new ApiError(413);
  if (body.trim() === "") return undefined;
  const parsed = parse(body);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new ApiError(400, "The request body must be a JSON object.");
  return parsed;
}

function parse(body: string): unknown {
  try {
    return parseJson(body);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new ApiError(400, "The request body is not valid JSON.");
    throw cause;
  }
}
