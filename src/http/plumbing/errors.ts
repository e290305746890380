import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import type { Fault, ProblemCode } from "#api/problem.ts";
import { DatabaseBusy } from "#db/acquire.ts";
import { isReadOnly, isTransient, isUnreachable, violatedUnique } from "#db/violation.ts";
import { SagaRefusal, type RefusalCode as SagaRefusalCode } from "#engine/refusal.ts";
import { Refusal } from "#refusal.ts";
import { faultsOf } from "./faults.ts";
import { HttpProblem, sendProblem } from "./problem.ts";

const ofSaga: Readonly<Record<SagaRefusalCode, ProblemCode>> = {
  saga_not_found: "not_found",
  saga_ended: "saga_ended",
  saga_running: "saga_running",
  not_cancellable: "not_cancellable",
  not_stuck: "not_stuck",
  not_held: "not_held",
  not_resolvable: "not_resolvable",
};

/** What the framework refuses by itself, by its status. */
const ofFramework: Readonly<Record<number, ProblemCode>> = {
  400: "malformed_request",
  404: "not_found",
  413: "body_too_large",
  415: "unsupported_media_type",
  429: "too_many_requests",
  431: "headers_too_large",
};

interface Told {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors?: readonly Fault[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** The one place where an error becomes an answer. Only what is unexpected is logged, and none of it is told. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const told = tell(error) ?? unexpected(error, request);
  for (const [name, value] of Object.entries(told.headers ?? {})) void reply.header(name, value);
  return sendProblem(reply, told.code, told.detail, told.errors);
}

function tell(error: FastifyError): Told | undefined {
  if (error instanceof HttpProblem) return { code: error.code, detail: error.message, headers: error.headers };
  if (error instanceof Refusal) return { code: error.code, detail: error.message, errors: error.faults };
  if (error instanceof SagaRefusal) return { code: ofSaga[error.code], detail: error.message };
  if (hasZodFastifySchemaValidationErrors(error)) return invalid(error);
  if (violatedUnique(error)?.startsWith("sagas_one_live_per_"))
    return {
      code: "saga_running",
      detail: "Another saga about the same thing started at this moment; nothing was changed",
    };
  const code = ofFramework[error.statusCode ?? 500];
  return code && { code, detail: error.message };
}

function invalid(error: Parameters<typeof faultsOf>[0]): Told {
  // An id that cannot be one names nothing.
  if (error.validationContext === "params")
    return { code: "not_found", detail: "There is nothing with the id in this path" };
  const errors = faultsOf(error);
  const said = errors.map((fault) => (fault.path ? `${fault.path}: ${fault.message}` : fault.message));
  return { code: "validation_failed", detail: `Nothing was changed. ${said.join("; ")}`, errors };
}

function unexpected(error: FastifyError, request: FastifyRequest): Told {
  if (error instanceof DatabaseBusy) {
    request.log.warn({ err: error }, "No database connection was free; the request was answered with 503");
    const detail = "The server is busy: no database connection was free in time. Nothing was changed; try again soon";
    return { code: "busy", detail, headers: { "retry-after": "2" } };
  }
  if (isReadOnly(error)) {
    request.log.warn({ err: error }, "The database is read-only; the request was answered with 503");
    const detail = "The database takes no changes at the moment. Nothing was changed; try again later";
    return { code: "unavailable", detail, headers: { "retry-after": "30" } };
  }
  if (isTransient(error)) {
    request.log.warn({ err: error }, "The database did not come to an end with this; it was answered with 503");
    const detail = "The database did not come to an end with this in time. Nothing was changed; try again soon";
    return { code: "busy", detail, headers: { "retry-after": "2" } };
  }
  if (isUnreachable(error)) {
    request.log.warn({ err: error }, "The database cannot be reached; the request was answered with 503");
    const detail = "The database cannot be reached. Nothing is lost; try again in a few seconds";
    return { code: "unavailable", detail, headers: { "retry-after": "5" } };
  }
  request.log.error({ err: error }, "A request failed unexpectedly; it was answered with 500");
  const detail = `The server failed in a way it does not know. Look for request ${request.id} in the server's log`;
  return { code: "internal_error", detail };
}
