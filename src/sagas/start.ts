import type { LedAstray } from "#led-astray.ts";
import type { Tx } from "#db/connection.ts";
import type { Claimant } from "#tenants/hostnames.ts";
import type { VolumeSpec } from "#volume.ts";

/** What the ledger had of something that has ended. */
export interface Ended {
  readonly kind: string;
  readonly handle: unknown;
  /** Whose create it came from. */
  readonly begun_by: string;
}

/** A droplet to make, as the API was asked for it. */
export interface DropletSpec {
  readonly name: string;
  readonly region: string;
  readonly size_slug: string;
  /** A slug, or an integer id as digits. */
  readonly image: string;
  readonly ssh_keys: readonly (string | number)[];
}

/** What an operation on a deployment does, as whoever asks for it is told before it is done. */
export interface Preview {
  /** Of its saga, in their order. */
  readonly steps: readonly string[];
  /** In sentences, for people. */
  readonly does: readonly string[];
  /** What does not come back, also when it fails or is cancelled. */
  readonly cannot_undo: readonly string[];
  /** For how long the deployment does not answer; null: it goes on answering. */
  readonly interruption: string | null;
  /** What the droplet costs a month, before and afterwards, where that changes; null: the catalogue does not tell. */
  readonly monthly_usd?: { readonly before: number | null; readonly after: number | null };
}

/** An operation that can be done as things stand in this transaction. */
export interface PlannedOperation {
  readonly preview: Preview;
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
  /** @returns the id of its saga */
  start(): Promise<string>;
}

/** What is asked of which deployment. */
export interface AskedOperation {
  readonly name: string;
  readonly deploymentId: string;
  /** The tenant whose token asks, whose private things alone it may name; null, or left out: anybody's. */
  readonly onlyTenant?: string | null;
}

/** Whether a saga that destroys does not begin before an admin lets it. */
export interface Holding {
  readonly held: boolean;
}

/** What is kept of a deployment's volume when that is deleted with it. */
export interface Keeping {
  /** 0: no last snapshot is taken. Default 7. */
  readonly keep_snapshot_days?: number;
}

/**
 * The doors to the sagas: start them, and ask something of one that runs. Everything happens inside the
 * caller's transaction, wake-up included, so that a saga exists exactly if the request that asked for it commits.
 */
export interface Sagas {
  /** Starts provision_deployment for a deployment that is already `provisioning`, for whom asked; returns the saga's id. */
  provisionDeployment(tx: Tx, deploymentId: string, claimedBy: Claimant): Promise<string>;
  /** Starts deprovision_deployment for a deployment that is already `deprovisioning`. */
  deprovisionDeployment(tx: Tx, deploymentId: string, options?: Holding & Keeping): Promise<string>;
  /** The steps of an adoption, in their order. */
  adoptionSteps(of: { readonly isKept: boolean }): readonly string[];
  /** Starts adopt_deployment for a deployment that is already `provisioning`. `isKept`: its DNS stays whose it is. */
  adoptDeployment(
    tx: Tx,
    deploymentId: string,
    droplet: {
      readonly droplet_id: number;
      readonly name: string;
      readonly address: string;
      readonly isKept: boolean;
    },
  ): Promise<string>;
  /**
   * Sees whether something can be asked of a deployment, as `POST /v1/deployments/:id/<name>` does, and can start it.
   * @throws {Refusal} `illegal_transition` from a state in which it makes no sense, `validation_failed` with every fault
   * @throws {SagaRefusal} `saga_running` while another saga of the deployment runs
   */
  planOperation(tx: Tx, of: AskedOperation, body: unknown): Promise<PlannedOperation>;
  /** Turns the deployment's droplet on or off, as it is to be. @throws {SagaRefusal} `saga_running` */
  setPowerRight(tx: Tx, deploymentId: string): Promise<string>;
  /** Attaches the deployment's volume to its droplet. @throws {SagaRefusal} `saga_running` */
  setVolumeRight(tx: Tx, deploymentId: string): Promise<string>;
  /** Leads a record back that a late change of ours has led elsewhere. @throws {SagaRefusal} `saga_running` */
  leadRecordBack(tx: Tx, to: LedAstray): Promise<string>;
  /** Starts the removal of snapshots that are kept no longer. @returns how many */
  expireSnapshots(tx: Tx, limit: number): Promise<number>;
  /** `sealedUserData` is stored for the saga and dropped when it ends. */
  provisionDroplet(tx: Tx, spec: DropletSpec, sealedUserData?: Buffer): Promise<string>;
  /** `name` and `tag`: by which it is known to be ours, when the inventory does not have it. */
  destroyDroplet(
    tx: Tx,
    droplet: {
      readonly providerId: number;
      readonly unmanaged: boolean;
      readonly name?: string;
      readonly tag?: string | undefined;
    },
    options?: Holding,
  ): Promise<string>;
  /** What is left at the provider under a handle of ours, of which nobody answers for this id. */
  removeLeftover(tx: Tx, of: Ended, id: string): Promise<string>;
  /**
   * Starts park_deployment for an active deployment whose droplet is proven gone, or unpark_deployment for one that is
   * parked and whose droplet is back. `parking`: the address that is nobody's.
   * @throws {SagaRefusal} `saga_running` while another saga of it runs
   */
  park(tx: Tx, deploymentId: string, parking: string): Promise<string>;
  unpark(tx: Tx, deploymentId: string, parking: string): Promise<string>;
  /** @throws {SagaRefusal} `saga_ended` or `not_cancellable`. Asking twice is the same as asking once. */
  cancel(tx: Tx, sagaId: string, reason: string): Promise<void>;
  /** Lets a held saga begin. @returns the id of its deployment, if it has one @throws {SagaRefusal} `not_held`. */
  releaseHold(tx: Tx, sagaId: string): Promise<string | null>;
  /** Runs a stuck saga on, with fresh deadlines. @throws {SagaRefusal} `not_stuck`. */
  retry(tx: Tx, sagaId: string): Promise<void>;
  /** Closes a stuck saga: what could not be undone counts as done by hand. @throws {SagaRefusal} `not_stuck`, `not_resolvable`. */
  resolve(tx: Tx, sagaId: string, resolution: { readonly reason: string; readonly by: string }): Promise<void>;
}
