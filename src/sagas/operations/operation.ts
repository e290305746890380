import { z } from "zod";
import type { Clock } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import type { DeploymentRow } from "#deployments/queries.ts";
import type { AnySaga } from "#engine/saga.ts";
import type { SeenDroplet } from "#inventory/sightings.ts";
import { type Check, storedCheck } from "#probes/check.ts";
import { refuseFaults } from "#refusal.ts";
import type { SecretBox } from "#secrets/secret-box.ts";
import { monthlyUsdOf } from "#monthly-usd.ts";
import type { VolumeSpec } from "#volume.ts";
import type { Preview } from "../start.ts";
import type { HeldVolume } from "../steps/snapshot-volume.ts";
import type { StepContext } from "../step-context.ts";

/** The active deployment that something is asked of, and its droplet as it was last seen. */
export interface Subject {
  readonly deployment: DeploymentRow;
  /** The tenant to whose things whoever asks is bound; null: to nobody's. */
  readonly onlyTenant: string | null;
  readonly dropletId: number;
  readonly seen: SeenDroplet | undefined;
  /** It is proven to be gone from the account, and none of ours destroyed it. */
  readonly isGone: boolean;
  /** Where it answers, as the inventory has it. */
  readonly address: string | null;
  /** Its own or its release's; null: it has none. */
  readonly health_check: Check | null;
  /** Whether DigitalOcean backs its droplet up, as its release says. */
  readonly backups: boolean;
  /** Where its data is, beside its droplet; a snapshot of it is kept for as long as anybody says. */
  readonly volume: HeldVolume;
}

/** What is asked for can be done: what its saga is told, and what whoever asks is told. */
export interface Prepared {
  readonly input: object;
  readonly preview: Omit<Preview, "steps">;
  /** The size that the droplet is to have then, where that changes. */
  readonly size_slug?: string;
  /** The release that it is to run then, where that may change. */
  readonly release?: string;
  /** The volume that it is to have then, where that changes. */
  readonly volume?: VolumeSpec;
  /** What is on the disk is not lost with it, or is not missed. */
  readonly keepsDisk?: true;
  /** A snapshot is what it is for: one that is kept, and billed. */
  readonly keepsSnapshot?: true;
  /** What is written beside its saga, in the transaction that starts it. */
  readonly begun?: (sagaId: string) => Promise<void>;
}

/** What it takes to say what a droplet is to be told, and where. */
export interface Means {
  readonly clock: Clock;
  readonly secrets: SecretBox;
  /** In which hostnames are led to droplets. */
  readonly zone: string | undefined;
}

/**
 * Something that can be asked of an active deployment: a saga, and what has to be so before anything is written or sent.
 * Its contract, by the same name, is in `api/operations.ts`.
 */
export interface Operation {
  readonly saga: AnySaga<StepContext>;
  /** As which it has to be; whatever it is when left out. */
  readonly power?: "on" | "off";
  /** Only where its droplet is gone; any other, only where it is there. */
  readonly wantsGone?: true;
  /** @throws {Refusal} `validation_failed` with every fault */
  readonly prepare: (tx: Tx, subject: Subject, body: unknown, means: Means) => Promise<Prepared>;
}

/** Checks its body where it comes in: the API has done so, and whoever else asks is held to the same. */
export const operation = <Body>(it: {
  readonly saga: AnySaga<StepContext>;
  readonly power?: "on" | "off";
  readonly wantsGone?: true;
  readonly body: z.ZodType<Body>;
  readonly prepare: (tx: Tx, subject: Subject, body: Body, means: Means) => Promise<Prepared>;
}): Operation => ({
  saga: it.saga,
  ...(it.power && { power: it.power }),
  ...(it.wantsGone && { wantsGone: it.wantsGone }),
  prepare: (tx, subject, body, means) => it.prepare(tx, subject, it.body.parse(body), means),
});

/** What the saga of every operation is told. */
export const operationInput = z.object({ deployment_id: z.uuid(), tenant_id: z.uuid(), droplet_id: z.int() });

/** What the saga of an operation is told after which the app has to answer again. */
export const healthInput = z.object({
  hostname: z.string(),
  address: z.string().nullable(),
  health_check: storedCheck.nullable(),
});
type HealthInput = z.output<typeof healthInput>;

/** Where there is a check. */
export const hasCheck = { when: ({ input }: { readonly input: HealthInput }): boolean => input.health_check !== null };

/** @param isToAnswer false: it is off afterwards, and nobody asks it */
export const healthInputOf = ({ deployment, address, health_check }: Subject, isToAnswer = true): HealthInput => ({
  hostname: deployment.hostname,
  address,
  health_check: isToAnswer ? health_check : null,
});

/** Of its droplet with its backups and its volume, before and afterwards; null where the catalogue does not tell. */
export const monthlyUsd = (
  { deployment: { volume }, backups }: Subject,
  before: Priced | undefined,
  after: Priced | undefined,
  then: { readonly volume?: unknown; readonly backups?: boolean } = {},
) => ({
  before: monthlyUsdOf(before?.price_monthly, { volume, backups }),
  after: monthlyUsdOf(after?.price_monthly, { volume, backups, ...then }),
});

interface Priced {
  readonly price_monthly?: number | undefined;
}

export const inputOf = ({ deployment, dropletId }: Subject) => ({
  deployment_id: deployment.id,
  tenant_id: deployment.tenant_id,
  droplet_id: dropletId,
});

/** @throws {Refusal} `validation_failed` when `message` says something */
export const refuseAt = (path: string, message: string | undefined): void =>
  refuseFaults(message === undefined ? [] : [{ path, message }]);
