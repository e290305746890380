import { z } from "zod";
import { id, image, sizeSlug, text, timestamp } from "./fields.ts";
import { defaultKeepDays } from "#keep-days.ts";
import { pageOf, pageQuery } from "./page.ts";
import { releaseName } from "./releases.ts";
import { variables } from "./variables.ts";
import { largestVolumeGib } from "./volume.ts";

/** One field of an operation's body, as the CLI and the dashboard ask for it. */
export interface OperationField {
  readonly label: string;
  /** What it is chosen from, or how it is typed. */
  readonly kind: "size" | "image" | "snapshot" | "release" | "text" | "number" | "flag" | "pairs";
  /** Of the command: `--size <slug>`; a flag has no value, pairs can be repeated. */
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
  /** Only where the deployment's droplet is gone, and was not removed by us; any other, only where it is there. */
  readonly wantsGone?: true;
  /** Of deployments whose droplet was adopted, and for admins who are not bound to a tenant. */
  readonly isOfAdopted?: true;
  /** Something is lost for good: it is asked for by typing the hostname. */
  readonly isFinal?: true;
}

const keepDays = z.int().min(1).max(365).default(defaultKeepDays);
const keepField: OperationField = {
  label: "Keep the snapshot for so many days",
  kind: "number",
  option: "--keep-days <days>",
  help: "how long the snapshot is kept (7)",
};

/** A droplet that is rebuilt boots with the user_data of its creation (doctl#708): another needs another droplet. */
const onlyByReplace = z
  .never("a rebuilt droplet keeps the user_data of its creation: replace the deployment's droplet instead (replace)")
  .optional();

/** What a new droplet may have that the one in its place has not. */
const anew = {
  release: releaseName.optional(),
  size_slug: sizeSlug.optional(),
  variables: variables.optional(),
};
const anewFields = {
  release: {
    label: "Release",
    kind: "release",
    option: "--release <name>",
    help: "what it runs from now on (as today)",
  },
  size_slug: { label: "Size", kind: "size", option: "--size <slug>", help: "how big it is to be (as today)" },
  variables: {
    label: "Variables",
    kind: "pairs",
    option: "--variable <NAME=value>",
    help: "set this one, the others stay as they are",
  },
} as const satisfies Record<string, OperationField>;

/** All that can be asked of a deployment that is active: `POST /v1/deployments/:id/<name>`, in the order of its buttons. */
export const operations = {
  resize: {
    title: "Resize",
    summary: "Change CPU and RAM of the deployment's droplet, whose disk stays; or grow its volume",
    body: z
      .strictObject({
        size_slug: sizeSlug.optional(),
        /** A volume never shrinks. */
        volume_gib: z.int().min(1).max(largestVolumeGib).optional(),
      })
      .refine(({ size_slug: size, volume_gib: gib }) => size !== undefined || gib !== undefined, {
        path: ["size_slug"],
        message: "must change something: size_slug or volume_gib",
      })
      .meta({ id: "Resize" }),
    fields: {
      size_slug: { label: "Size", kind: "size", option: "--size <slug>", help: "how big it is to be" },
      volume_gib: {
        label: "GiB of its volume",
        kind: "number",
        option: "--volume <GiB>",
        help: "how large its volume is to be: it only grows",
      },
    },
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
  replace: {
    title: "Replace",
    summary: "Put a new droplet in the place of the deployment's, which serves until the new one has proven well",
    body: z
      .strictObject({
        ...anew,
        /** For so long the new one is seen to be well, at its own address, before the old one goes. */
        bake_seconds: z.int().min(0).max(86_400).default(300),
        discard_disk: z.boolean().default(false),
      })
      .meta({ id: "Replace" }),
    fields: {
      ...anewFields,
      bake_seconds: {
        label: "Seconds that the new one has to be well before the old one goes",
        kind: "number",
        option: "--bake-seconds <seconds>",
        help: "for how long it has to be well before the old one goes (300)",
      },
      discard_disk: {
        label: "What is on the old droplet's disk may be lost",
        kind: "flag",
        option: "--discard-disk",
        help: "what is on the old droplet's disk may be lost; needed unless its release is stateless",
      },
    },
    power: "on",
    isFinal: true,
  },
  repair: {
    title: "Repair",
    summary: "Make a new droplet for a deployment whose droplet is gone",
    body: z.strictObject(anew).meta({ id: "Repair" }),
    fields: anewFields,
    power: "on",
    wantsGone: true,
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

/** A snapshot of a deployment's droplet, or of its volume. */
export const snapshot = z
  .object({
    id,
    /** The provider's. */
    provider_id: z.string(),
    deployment_id: id,
    name: z.string(),
    region: z.string(),
    of: z.enum(["droplet", "volume"]),
    /** Of what the droplet was made; null of a volume's. */
    image: z.string().nullable(),
    /** What it holds, by which it is billed; null until the provider has told it. */
    size_gib: z.number().nullable(),
    created_at: timestamp,
    /** When it is deleted. */
    expires_at: timestamp,
  })
  .meta({ id: "Snapshot" });
export type Snapshot = z.infer<typeof snapshot>;

export const snapshotQuery = pageQuery;
export const snapshotPage = pageOf(snapshot).meta({ id: "SnapshotPage" });
