import { z } from "zod";
import { id, text, timestamp } from "./fields.ts";
import { oneOf, pageOf, pageQuery } from "./page.ts";

export const sagaNames = [
  "provision_deployment",
  "deprovision_deployment",
  "provision_droplet",
  "destroy_droplet",
] as const;

export const sagaStatuses = [
  "pending",
  "running",
  "waiting",
  "completed",
  "compensating",
  "rolled_back",
  "stuck",
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

export const step = z
  .object({
    name: z.string(),
    status: z.enum(stepStatuses),
    attempts: z.int(),
    undo_attempts: z.int(),
    waiting_for: z.string().nullable(),
    error: sagaError.nullable(),
    started_at: timestamp.nullable(),
    finished_at: timestamp.nullable(),
    undo_started_at: timestamp.nullable(),
    undo_finished_at: timestamp.nullable(),
  })
  .meta({ id: "Step" });
export type Step = z.infer<typeof step>;

/** How a human closed a saga that was stuck. */
export const sagaResolved = z.looseObject({ reason: z.string() }).meta({ id: "SagaResolved" });

export const saga = z
  .object({
    id,
    name: z.string(),
    status: sagaStatus,
    /** `back` while and after it compensates. */
    direction: z.enum(["forward", "back"]),
    deployment_id: id.nullable(),
    tenant_id: id.nullable(),
    /** The droplet that a destroy is about. */
    provider_id: z.int().nullable(),
    waiting_for: z.string().nullable(),
    error: sagaError.nullable(),
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
  deployment_id: id.optional(),
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
 * Beside these fields it holds what the event is about: `status`, and for a step its `name`.
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

const ended: readonly SagaStatus[] = ["completed", "rolled_back"];

/** A saga that nothing moves any more. A stuck one is not: an operator retries or resolves it. */
export const hasEnded = (status: SagaStatus): boolean => ended.includes(status);
