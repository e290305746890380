import { ApiError } from "./errors.ts";
import type { SimulatorRequest } from "./exchange.ts";
import { parseJson } from "./json-text.ts";

export const maxBodyBytes = 1024 * 1024;

/**
 * The body's JSON object, nothing when there is no body. Throws 413 over 1 MiB, 400 for what is no object, but not
 * where a body is nothing to speak of: that of a GET is not looked at, and a DELETE takes an object and ignores the
 * rest. Old clients send `null` with both.
 */
export function readJson({ method, body = "" }: SimulatorRequest): unknown {
  if (method === "GET" || body.trim() === "") return undefined;
  if (method === "DELETE") return objectOrNothing(body);
  if (Buffer.byteLength(body) > maxBodyBytes) throw new ApiError(413);
  const parsed = parse(body);
  if (!isObject(parsed)) throw new ApiError(400, "The request body must be a JSON object.");
  return parsed;
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);

function objectOrNothing(body: string): unknown {
  try {
    const parsed = parse(body);
    return isObject(parsed) ? parsed : undefined;
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

function parse(body: string): unknown {
  try {
    return parseJson(body);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new ApiError(400, "The request body is not valid JSON.");
    throw cause;
  }
}
