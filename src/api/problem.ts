import { z } from "zod";

/** Every way in which the API refuses, with its HTTP status and title. Closed: clients may switch over it. */
export const problems = {
  malformed_request: [400, "The request could not be read"],
  missing_token: [401, "A bearer token is needed"],
  invalid_token: [401, "The token is not known"],
  expired_token: [401, "The token has expired"],
  revoked_token: [401, "The token was revoked"],
  forbidden: [403, "The token's role does not allow this"],
  not_found: [404, "There is no such thing"],
  method_not_allowed: [405, "This path does not take that method"],
  illegal_transition: [409, "The deployment's status does not allow this"],
  already_terminated: [409, "The deployment is terminated already"],
  hostname_in_use: [409, "Another deployment uses this hostname"],
  release_exists: [409, "There is a release of that name already"],
  release_in_use: [409, "Something still runs this release"],
  dns_leads_there: [409, "A DNS record that is not ours leads to the droplet"],
  volume_would_be_lost: [409, "The deployment's volume would be lost"],
  deployment_protected: [409, "The deployment is protected"],
  not_reproducible: [409, "The deployment's droplet cannot be made again from what is known"],
  tenant_in_use: [409, "The tenant still has deployments"],
  droplet_in_use: [409, "A live saga or deployment owns this droplet"],
  droplet_unmanaged: [409, "This droplet was not made here"],
  droplet_deleted: [409, "The droplet is deleted already"],
  saga_ended: [409, "The saga has ended"],
  saga_running: [409, "The saga is running"],
  not_cancellable: [409, "This saga only goes forward"],
  not_stuck: [409, "The saga is not stuck"],
  not_held: [409, "The saga is not held"],
  too_many_webhooks: [409, "There are as many webhooks as there may be"],
  webhook_disabled: [409, "The webhook is disabled"],
  not_resolvable: [409, "The saga cannot be resolved"],
  idempotency_in_flight: [409, "The first request with this Idempotency-Key is still in flight"],
  body_too_large: [413, "The body is too large"],
  unsupported_media_type: [415, "The body must be application/json"],
  misdirected_request: [421, "This server does not answer for that host"],
  validation_failed: [422, "The request is not valid"],
  quota_exceeded: [422, "The tenant's quota does not allow this"],
  idempotency_answer_not_kept: [409, "The first answer to this Idempotency-Key is not kept"],
  idempotency_key_reused: [422, "This Idempotency-Key was used with another body"],
  too_many_requests: [429, "Too many requests"],
  too_many_streams: [429, "Too many event streams for this token"],
  headers_too_large: [431, "The headers are too large"],
  internal_error: [500, "The server failed"],
  busy: [503, "The server has more to do than it can"],
  unavailable: [503, "The server cannot answer now"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof problems;
export const problemCodes = Object.keys(problems).filter(isProblemCode);

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code);
}

/** One fault of the request: `path` is dotted from the body's root (`ssh_keys.0`), or names the parameter or header. */
export const fault = z.object({ path: z.string(), message: z.string() });
export type Fault = z.infer<typeof fault>;

/** An RFC 9457 body, sent as application/problem+json. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(problemCodes),
    detail: z.string(),
    errors: z.array(fault),
    request_id: z.string().optional(),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof problem>;
