import { z } from "zod";
import { id, idPrefix, text, timestamp } from "./fields.ts";
import { operationNames, sagaOfOperation } from "./operations.ts";
import { oneOf, pageOf, pageQuery } from "./page.ts";

export const sagaNames = [
  "provision_deployment",
  "adopt_deployment",
  "deprovision_deployment",
  "provision_droplet",
  "destroy_droplet",
  "remove_leftover",
  "park_deployment",
  "unpark_deployment",
  "attach_volume",
  "lead_record_back",
  ...operationNames.map(sagaOfOperation),
  "delete_snapshot",
] as const;

export const sagaStatuses = [
  "pending",
  "running",
  "waiting",
  "completed",
  "compensating",
  "rolled_back",
  "stuck",
  /** More is destroyed than may be in an hour: it has not begun, and waits for an admin. */
  "held",
] as const;
export const sagaStatus = z.enum(sagaStatuses);
export type SagaStatus = z.infer<typeof sagaStatus>;

export const stepStatuses = [
  "pending",
  "running",
  "waiting",
  "completed",
  "failed",
  "compensating",
  "compensated",
  "compensation_failed",
] as const;

/** Why a saga or a step failed. */
export const sagaError = z.looseObject({ code: z.string(), message: z.string() }).meta({ id: "SagaError" });
export type SagaError = z.infer<typeof sagaError>;

export const step = z
  .object({
    name: z.string(),
    status: z.enum(stepStatuses),
    attempts: z.int(),
    undo_attempts: z.int(),
    waiting_for: z.string().nullable(),
    /** While it waits: when it looks or tries again, at the latest; what it waits for may come sooner. */
    next_try_at: timestamp.nullable(),
    /**
     * While it is done or undone: until when it may take. A step that makes something fails then, and the saga turns
     * back; where there is no way back, the saga is stuck. Null while it stands still: the provider does not
     * answer, or no worker is there.
     */
    deadline_at: timestamp.nullable(),
    /** Why it failed, on the way forward. */
    error: sagaError.nullable(),
    /** Why its undo has not succeeded yet. */
    undo_error: sagaError.nullable(),
    started_at: timestamp.nullable(),
    finished_at: timestamp.nullable(),
    undo_started_at: timestamp.nullable(),
    undo_finished_at: timestamp.nullable(),
  })
  .meta({ id: "Step" });
export type Step = z.infer<typeof step>;

/** How a human closed a saga that was stuck. */
export const sagaResolved = z.looseObject({ reason: z.string() }).meta({ id: "SagaResolved" });

/**
 * What a saga that has not ended has at the provider: what a human finds there when it is stuck. `provider_id` and `id`
 * are null while it is not known whether a create made one; it is looked for by its name then.
 */
export const sagaLeaves = z
  .object({
    droplets: z.array(z.object({ provider_id: z.int().nullable(), name: z.string().nullable() })),
    dns_records: z.array(z.object({ id: z.int().nullable(), name: z.string(), type: z.string() })),
    /** `ip` is null while it is not known whether one was reserved. */
    reserved_ips: z.array(z.object({ ip: z.string().nullable(), region: z.string() })).default([]),
  })
  .meta({ id: "SagaLeaves" });
export type SagaLeaves = z.infer<typeof sagaLeaves>;

export const saga = z
  .object({
    id,
    name: z.string(),
    status: sagaStatus,
    /** `back` while and after it compensates. */
    direction: z.enum(["forward", "back"]),
    deployment_id: id.nullable(),
    tenant_id: id.nullable(),
    /** The droplet that a destroy is about, or that a provisioning made, once that is known. */
    provider_id: z.int().nullable(),
    waiting_for: z.string().nullable(),
    /** Why it turned back; of a saga that is stuck on its way forward, why it is. */
    error: sagaError.nullable(),
    /** What it is stuck on; null once it is retried or resolved. */
    stuck_error: sagaError.nullable(),
    /** Null once it has ended. */
    leaves: sagaLeaves.nullable(),
    cancel_requested_at: timestamp.nullable(),
    cancel_reason: z.string().nullable(),
    resolution: sagaResolved.nullable(),
    created_at: timestamp,
    started_at: timestamp.nullable(),
    finished_at: timestamp.nullable(),
    steps: z.array(step),
  })
  .meta({ id: "Saga" });
export type Saga = z.infer<typeof saga>;

/** The answer of what starts a saga that has no deployment. */
export const startedSaga = z.object({ saga }).meta({ id: "StartedSaga" });

export const sagaQuery = pageQuery.extend({
  status: oneOf(sagaStatuses).optional(),
  name: oneOf(sagaNames).optional(),
  id_prefix: idPrefix.optional(),
  deployment_id: id.optional(),
  tenant_id: id.optional(),
});
export const sagaPage = pageOf(saga).meta({ id: "SagaPage" });

export const sagaCancel = z.strictObject({ reason: text(500).optional() }).meta({ id: "SagaCancel" });
export const sagaResolution = z.strictObject({ reason: text(500) }).meta({ id: "SagaResolution" });

/** Where an event stream begins: after this sequence. The header Last-Event-ID says the same and wins. */
export const eventQuery = z.strictObject({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .optional(),
});

/**
 * The `data` of one server-sent event; its `id` is the sequence, gapless from 1, its `event` the type.
 * Beside these fields it holds what the event is about: `status`, for a step its `name`, and `error`, that of the try
 * it tells of. The same stands in `undo_error` when an undo failed, and in `stuck_error` when the saga is stuck on it.
 */
export const sagaEvent = z
  .looseObject({
    saga_id: id,
    sequence: z.int(),
    at: timestamp,
    type: z.enum(["saga", "step"]),
  })
  .meta({ id: "SagaEvent" });
export type SagaEvent = z.infer<typeof sagaEvent>;
