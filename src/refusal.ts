export type RefusalCode =
  | "forbidden"
  | "not_found"
  | "illegal_transition"
  | "already_terminated"
  | "hostname_in_use"
  | "release_exists"
  | "release_in_use"
  | "deployment_protected"
  | "not_reproducible"
  | "dns_leads_there"
  | "volume_would_be_lost"
  | "quota_exceeded"
  | "tenant_in_use"
  | "droplet_in_use"
  | "droplet_unmanaged"
  | "droplet_deleted"
  | "idempotency_in_flight"
  | "idempotency_key_reused"
  | "idempotency_answer_not_kept"
  | "too_many_streams"
  | "too_many_webhooks"
  | "webhook_disabled"
  | "validation_failed";

/** One fault of what was asked: where, as a dotted path, and what is wrong with it. */
export interface RefusalFault {
  readonly path: string;
  readonly message: string;
}

/** What was asked will not be done, for a reason that the asker can act on; nothing was changed. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;
  readonly faults: readonly RefusalFault[];

  constructor(code: RefusalCode, message: string, options: { faults?: readonly RefusalFault[]; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.faults = options.faults ?? [];
  }
}

export const notFound = (what: string, id: string | number): Refusal =>
  new Refusal("not_found", `There is no ${what} ${id}`);

/** @throws {Refusal} `validation_failed` with every fault, if there is one. */
export function refuseFaults(faults: readonly RefusalFault[], cause?: unknown): void {
  if (faults.length === 0) return;
  const said = faults.map((fault) => (fault.path ? `${fault.path}: ${fault.message}` : fault.message));
  throw new Refusal("validation_failed", `Nothing was changed. ${said.join("; ")}`, { faults, cause });
}
