import { ConfigError } from "#config.ts";
import { ApiError, NoAnswer } from "./api/api-error.ts";
import { NotFound, UsageError, wrongUsage } from "./failure.ts";

/** What an exit status means, in a word; scripts may rely on both. */
export const exitStatuses = {
  failed: 1,
  usage: wrongUsage,
  not_allowed: 3,
  not_found: 4,
  conflict: 5,
  unreachable: 6,
} as const;

const ofAnswers: Readonly<Record<number, keyof typeof exitStatuses>> = {
  401: "not_allowed",
  403: "not_allowed",
  404: "not_found",
  409: "conflict",
};

/** What kind of end an error is. */
export function kindOf(error: unknown): keyof typeof exitStatuses {
  if (error instanceof UsageError || error instanceof ConfigError) return "usage";
  if (error instanceof NotFound) return "not_found";
  if (error instanceof ApiError)
    return error.problem?.code === "validation_failed" ? "usage" : (ofAnswers[error.status] ?? "failed");
  if (error instanceof NoAnswer) return "unreachable";
  // The server stayed away for too long.
  return error instanceof Error && error.cause instanceof NoAnswer ? "unreachable" : "failed";
}
