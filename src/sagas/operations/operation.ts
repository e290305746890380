import { z } from "zod";
import type { Tx } from "#db/connection.ts";
import type { DeploymentRow } from "#deployments/queries.ts";
import type { AnySaga } from "#engine/saga.ts";
import type { SeenDroplet } from "#inventory/sightings.ts";
import { refuseFaults } from "#refusal.ts";
import type { Preview } from "../start.ts";
import type { World } from "../step-context.ts";

/** The active deployment that something is asked of, and its droplet as it was last seen. */
export interface Subject {
  readonly deployment: DeploymentRow;
  readonly dropletId: number;
  readonly seen: SeenDroplet | undefined;
}

/** What is asked for can be done: what its saga is told, and what whoever asks is told. */
export interface Prepared {
  readonly input: object;
  readonly preview: Omit<Preview, "steps">;
}

/**
 * Something that can be asked of an active deployment: a saga, and what has to be so before anything is written or sent.
 * Its contract, by the same name, is in `api/operations.ts`.
 */
export interface Operation {
  readonly saga: AnySaga<World>;
  /** As which it has to be; whatever it is when left out. */
  readonly power?: "on" | "off";
  /** @throws {Refusal} `validation_failed` with every fault */
  readonly prepare: (tx: Tx, subject: Subject, body: unknown) => Promise<Prepared>;
}

/** Checks its body where it comes in: the API has done so, and whoever else asks is held to the same. */
export const operation = <Body>(it: {
  readonly saga: AnySaga<World>;
  readonly power?: "on" | "off";
  readonly body: z.ZodType<Body>;
  readonly prepare: (tx: Tx, subject: Subject, body: Body) => Promise<Prepared>;
}): Operation => ({
  saga: it.saga,
  ...(it.power && { power: it.power }),
  prepare: (tx, subject, body) => it.prepare(tx, subject, it.body.parse(body)),
});

/** What the saga of every operation is told. */
export const operationInput = z.object({ deployment_id: z.uuid(), tenant_id: z.uuid(), droplet_id: z.int() });

export const inputOf = ({ deployment, dropletId }: Subject) => ({
  deployment_id: deployment.id,
  tenant_id: deployment.tenant_id,
  droplet_id: dropletId,
});

/** @throws {Refusal} `validation_failed` when `message` says something */
export const refuseAt = (path: string, message: string | undefined): void =>
  refuseFaults(message === undefined ? [] : [{ path, message }]);
