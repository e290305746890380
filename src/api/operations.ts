import { z } from "zod";
import { id, image, sizeSlug, text, timestamp } from "./fields.ts";
import { pageOf, pageQuery } from "./page.ts";

/** One field of an operation's body, as the CLI and the dashboard ask for it. */
export interface OperationField {
  readonly label: string;
  /** What it is chosen from, or how it is typed. */
  readonly kind: "size" | "image" | "snapshot" | "text" | "days";
  /** Of the command: `--size <slug>`. */
  readonly option: string;
  readonly help: string;
}

export interface OperationContract {
  /** On its button. */
  readonly title: string;
  /** In the help and in the API's document. */
  readonly summary: string;
  readonly body: z.ZodObject;
  /** By the body's field. */
  readonly fields: Readonly<Record<string, OperationField>>;
  /** As which the deployment has to be; whatever it is when left out. */
  readonly power?: "on" | "off";
  /** Of deployments whose droplet was adopted, and for admins who are not bound to a tenant. */
  readonly isOfAdopted?: true;
  /** Something is lost for good: it is asked for by typing the hostname. */
  readonly isFinal?: true;
}

const keepDays = z.int().min(1).max(365).default(7);
const keepField: OperationField = {
  label: "Keep the snapshot for so many days",
  kind: "days",
  option: "--keep-days <days>",
  help: "how long the snapshot is kept (7)",
};

/** A droplet that is rebuilt boots with the user_data of its creation (doctl#708): another needs another droplet. */
const onlyByReplace = z
  .never("a rebuilt droplet keeps the user_data of its creation: replace the deployment's droplet instead (replace)")
  .optional();

/** All that can be asked of a deployment that is active: `POST /v1/deployments/:id/<name>`, in the order of its buttons. */
export const operations = {
  resize: {
    title: "Resize",
    summary: "Change CPU and RAM of the deployment's droplet; its disk stays",
    body: z.strictObject({ size_slug: sizeSlug }).meta({ id: "Resize" }),
    fields: { size_slug: { label: "Size", kind: "size", option: "--size <slug>", help: "how big it is to be" } },
  },
  snapshot: {
    title: "Snapshot",
    summary: "Take a snapshot of the droplet's disk",
    body: z.strictObject({ name: text(100).optional(), keep_snapshot_days: keepDays }).meta({ id: "NewSnapshot" }),
    fields: {
      name: {
        label: "Name",
        kind: "text",
        option: "--name <name>",
        help: "how its name begins (the deployment's name)",
      },
      keep_snapshot_days: keepField,
    },
  },
  rebuild: {
    title: "Rebuild",
    summary: "Write the droplet's disk anew from an image; a snapshot of what was there is kept",
    body: z
      .strictObject({
        image,
        keep_snapshot_days: keepDays,
        user_data: onlyByReplace,
        release: onlyByReplace,
        variables: onlyByReplace,
      })
      .meta({ id: "Rebuild" }),
    fields: {
      image: { label: "Image", kind: "image", option: "--image <slug or id>", help: "from what" },
      keep_snapshot_days: keepField,
    },
    power: "on",
    isFinal: true,
  },
  restore: {
    title: "Restore",
    summary: "Write the droplet's disk anew from one of its snapshots; a snapshot of what was there is kept",
    body: z.strictObject({ snapshot: text(255), keep_snapshot_days: keepDays }).meta({ id: "Restore" }),
    fields: {
      snapshot: {
        label: "Snapshot",
        kind: "snapshot",
        option: "--snapshot <id or name>",
        help: "which of its snapshots",
      },
      keep_snapshot_days: keepField,
    },
    power: "on",
    isFinal: true,
  },
  suspend: {
    title: "Suspend",
    summary: "Turn the deployment's droplet off until it is unsuspended; it is billed all the same",
    body: z.strictObject({}),
    fields: {},
    power: "on",
  },
  unsuspend: {
    title: "Unsuspend",
    summary: "Turn the droplet of a suspended deployment on again",
    body: z.strictObject({}),
    fields: {},
    power: "off",
  },
  unadopt: {
    title: "Give back",
    summary: "Give an adopted droplet back: it and its DNS record stay as they are, the deployment ends",
    body: z.strictObject({}),
    fields: {},
    isOfAdopted: true,
  },
} as const satisfies Record<string, OperationContract>;

export type OperationName = keyof typeof operations;
export const operationNames = Object.keys(operations).filter(isOperation);

function isOperation(name: string): name is OperationName {
  return Object.hasOwn(operations, name);
}

export const contractOf = (name: OperationName): OperationContract => operations[name];

/** The saga of an operation. */
export const sagaOfOperation = (name: OperationName) => `${name}_deployment` as const;

/** The operation that a saga does; undefined when it is none. */
export const operationOfSaga = (saga: string): OperationName | undefined =>
  operationNames.find((name) => sagaOfOperation(name) === saga);

/** `?preview=true` says what would be done, and starts nothing. */
export const operationQuery = z.strictObject({ preview: z.stringbool().default(false) });

/** What an operation would do, as things stand. */
export const operationPreview = z
  .object({
    operation: z.enum(operationNames),
    deployment_id: id,
    hostname: z.string(),
    /** Of its saga. */
    steps: z.array(z.string()),
    /** For people. */
    does: z.array(z.string()),
    /** What does not come back, also when it fails or is cancelled. */
    cannot_undo: z.array(z.string()),
    /** For how long the deployment does not answer; null: it goes on answering. */
    interruption: z.string().nullable(),
    /** Of the droplet, before and afterwards, where it changes. */
    monthly_usd: z.object({ before: z.number().nullable(), after: z.number().nullable() }).nullable(),
  })
  .meta({ id: "OperationPreview" });
export type OperationPreview = z.infer<typeof operationPreview>;

/** A snapshot of a deployment's droplet. */
export const snapshot = z
  .object({
    id,
    /** The provider's. */
    provider_id: z.string(),
    deployment_id: id,
    name: z.string(),
    region: z.string(),
    /** Of what the droplet was made. */
    image: z.string(),
    created_at: timestamp,
    /** When it is deleted. */
    expires_at: timestamp,
  })
  .meta({ id: "Snapshot" });
export type Snapshot = z.infer<typeof snapshot>;

export const snapshotQuery = pageQuery;
export const snapshotPage = pageOf(snapshot).meta({ id: "SnapshotPage" });
