import type { FastifyReply } from "fastify";
import { type Fault, type Problem, type ProblemCode, problems } from "#api/problem.ts";

/** The HTTP layer itself refuses a request. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.headers = headers;
  }
}

export function problemBody(
  code: ProblemCode,
  detail: string,
  errors: readonly Fault[] = [],
  requestId?: string,
): Problem {
  const [status, title] = problems[code];
  const type = `urn:arcadia:problem:${code}`;
  return { type, title, status, code, detail, errors: [...errors], ...(requestId && { request_id: requestId }) };
}

/** Sent as text: a problem never fails on its way through a response schema. */
export function sendProblem(
  reply: FastifyReply,
  code: ProblemCode,
  detail: string,
  errors: readonly Fault[] = [],
): FastifyReply {
  const body = problemBody(code, detail, errors, reply.request.id);
  reply.problem = code;
  return reply
    .code(body.status)
    .header("cache-control", "no-store")
    .type("application/problem+json")
    .send(JSON.stringify(body));
}
