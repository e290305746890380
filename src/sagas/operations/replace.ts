import { z } from "zod";
import { checkSpecification, sizeOf } from "#catalogue/check.ts";
import type { Tx } from "#db/connection.ts";
import { keepUserData } from "#deployments/lifecycle.ts";
import { assembledUserData, sizeFaults, telling } from "#deployments/user-data.ts";
import { sealVariables } from "#deployments/variables.ts";
import { anySaga } from "#engine/saga.ts";
import { storedCheck } from "#probes/check.ts";
import { Refusal, refuseFaults } from "#refusal.ts";
import { holdRelease, type ReleaseRow } from "#releases/queries.ts";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { heldOfKind, idThere } from "#resources/rows.ts";
import { deploymentContext } from "#secrets/user-data-context.ts";
import { attachmentCalled, attachmentsOf, scopesOf } from "#inventory/attachments.ts";
import { runOf } from "../run-of.ts";
import { downtimeWords } from "./downtime.ts";
import { assignReservedIp } from "../steps/assign-reserved-ip.ts";
import { bake } from "../steps/bake.ts";
import { bringOldPowerOff } from "../steps/bring-old-power-off.ts";
import { checkAttachments } from "../steps/check-attachments.ts";
import { createDroplet, dropletSpec } from "../steps/create-droplet.ts";
import { moveDeploymentDns } from "../steps/move-deployment-dns.ts";
import { moveVolume } from "../steps/move-volume.ts";
import { recordReplacement, sealedVariables } from "../steps/record-replacement.ts";
import { registerDroplet } from "../steps/register-droplet.ts";
import { retireDroplet } from "../steps/retire-droplet.ts";
import { hasVolume, heldVolume, snapshotVolume } from "../steps/snapshot-volume.ts";
import { waitDropletActive } from "../steps/wait-droplet-active.ts";
import { waitNewDropletHealthy } from "../steps/wait-new-droplet-healthy.ts";
import { saga } from "../step-context.ts";
import {
  type Means,
  monthlyUsd,
  operation,
  operationInput,
  type Prepared,
  refuseAt,
  type Subject,
} from "./operation.ts";
import {
  diskFault,
  leftWords,
  lostVolumes,
  moveWords,
  reservedIpWords,
  oneWayWords,
  volumeFault,
  wayBackWords,
} from "./replace-words.ts";

const input = dropletSpec.extend(operationInput.shape).extend({
  hostname: z.string(),
  zone: z.string(),
  /** Of the old droplet. */
  address: z.string().nullable(),
  is_gone: z.boolean(),
  health_check: storedCheck,
  bake_seconds: z.int(),
  release: z.string(),
  variables: sealedVariables,
  volume: heldVolume,
  /** Whether the app on the old one can go on with what the new one has written to the volume. */
  rollback_safe: z.boolean().default(false),
  /** Where the hostname leads, whichever droplet that is assigned to; null: to the droplet's own address. */
  reserved_ip: z.ipv4().nullable().default(null),
});

const repairInput = input.extend({ free_volume_id: z.string().nullable().default(null) });

interface Led {
  readonly input: { readonly reserved_ip: string | null };
}
/** Either the reserved IP is led to the new droplet, by one action, or the hostname is, by DNS. */
const byAction = { when: (of: Led): boolean => typeof of.input.reserved_ip === "string" };
const byDns = { when: (of: Led): boolean => typeof of.input.reserved_ip !== "string" };

/** What has started with the data may have written to it: nothing older is given that back (rule 54). */
const goesOneWay = (of: { readonly input: Pick<z.output<typeof input>, "rollback_safe"> }): boolean =>
  !of.input.rollback_safe;

/**
 * Until the old one is destroyed, or has given its volume to a release that does not say `rollback_safe`, a failure leads the
 * hostname back and destroys the new one: nobody has seen anything. Where there is a volume the old one is off meanwhile, and serves
 * again, with it, before the hostname is led back.
 */
const replaceSaga = anySaga(
  saga("replace_deployment", input)
    .step(checkAttachments)
    .step(createDroplet)
    .step(waitDropletActive)
    .step(registerDroplet)
    .step(bringOldPowerOff, hasVolume)
    .step(snapshotVolume, hasVolume)
    .step(moveVolume, { ...hasVolume, pivotWhen: goesOneWay })
    .step(waitNewDropletHealthy)
    .step(assignReservedIp, byAction)
    .step(moveDeploymentDns, byDns)
    .step(bake)
    .pivot(retireDroplet)
    .step(recordReplacement),
);

/** As a replacement; there is no old one that could serve meanwhile, or be gone back to. Its volume is free by now. */
const repairSaga = anySaga(
  saga("repair_deployment", repairInput)
    .step(checkAttachments)
    .step(snapshotVolume, hasVolume)
    .step(createDroplet)
    .step(waitDropletActive)
    .step(registerDroplet)
    .step(waitNewDropletHealthy)
    .step(assignReservedIp, byAction)
    .step(moveDeploymentDns, byDns)
    .pivot(retireDroplet)
    .step(recordReplacement),
);

const anew = z.object({
  release: z.string().optional(),
  size_slug: z.string().optional(),
  variables: z.record(z.string(), z.string()).optional(),
});

export const replace = operation({
  saga: replaceSaga,
  power: "on",
  body: anew.extend({ bake_seconds: z.int(), discard_disk: z.boolean() }),
  async prepare(tx, subject, { bake_seconds, discard_disk: mayDiscard, ...body }, means) {
    const { dropletId, deployment, volume } = subject;
    const release = await releaseFor(tx, subject, body.release);
    const keepsData = release.stateless || volume !== null;
    const faults = keepsData || mayDiscard ? [] : [diskFault(subject, release)];
    const it = await prepared(tx, subject, { body, release, faults, bake_seconds }, means);
    return {
      ...it,
      ...(keepsData && { keepsDisk: true }),
      preview: {
        ...it.preview,
        does: [
          ...it.preview.does,
          ...(volume ? moveWords(subject, volume) : []),
          `${deployment.hostname} is led to it, and droplet ${dropletId} ${volume ? "is kept" : "goes on running"}, until the new ` +
            `one has been well for ${bake_seconds} s and nobody is led to the old one any more`,
          ...wayBackWords(subject, release),
        ],
        cannot_undo: [
          ...(volume && !release.rollback_safe ? [oneWayWords(subject, release)] : []),
          `Droplet ${dropletId} and what is on its own disk are lost; ${volume ? "only its volume" : "nothing of it"} is carried over`,
        ],
        interruption: volume && (await downtimeWords(tx, subject)),
      },
    };
  },
});

export const repair = operation({
  saga: repairSaga,
  power: "on",
  wantsGone: true,
  body: anew,
  async prepare(tx, subject, body, means) {
    const release = await releaseFor(tx, subject, body.release);
    const it = await prepared(tx, subject, { body, release, faults: [], bake_seconds: 0 }, means);
    const { deployment, volume } = subject;
    const { hostname } = deployment;
    return {
      ...it,
      input: { ...it.input, free_volume_id: volume?.provider_id ?? null },
      preview: {
        ...it.preview,
        does: [
          ...it.preview.does,
          ...(volume
            ? [
                `Volume ${volume.provider_id}, with the data, is attached to it; before that a snapshot of it is taken, and kept ` +
                  `for ${volume.keep_snapshot_days} days`,
              ]
            : []),
          ...lostVolumes(subject).map(
            (lost) =>
              `Volume ${lost}, which we did not make, was attached to droplet ${subject.dropletId} when it was last seen: it stays as it is`,
          ),
          `${hostname} is led to it; what was on the disk of droplet ${subject.dropletId} is not`,
        ],
        interruption: "until the new droplet is well: it does not answer now either",
      },
    };
  },
});

interface Asked {
  readonly body: z.output<typeof anew>;
  readonly release: ReleaseRow;
  readonly faults: readonly { readonly path: string; readonly message: string }[];
  readonly bake_seconds: number;
}

async function prepared(
  tx: Tx,
  subject: Subject,
  { body, release, faults, bake_seconds }: Asked,
  { secrets, zone, clock }: Means,
): Promise<Prepared> {
  const { deployment, dropletId, address } = subject;
  const { id, tenant_id, hostname, name, region } = deployment;
  const { image } = release;
  const size_slug = body.size_slug ?? deployment.size_slug;
  const { features, health_check: check } = await runOf(tx, { ...deployment, release: release.name });
  if (!check)
    refuse(
      deployment,
      `neither it nor release ${release.name} has a health check: nobody would know whether it is well`,
    );
  const reserved_ip = idThere((await heldOfKind(tx, reservedIpKind, [id])).get(id));
  if (deployment.reserved_ip && reserved_ip === null)
    refuse(deployment, "it is to have a reserved IP, and the ledger has none of it that is there");
  const seen = subject.isGone ? undefined : subject.seen;
  const { left, unknown } = await attachmentsOf(tx, { deployment_id: id, droplet_id: dropletId, seen });
  if (left.length > 0) refuse(deployment, leftWords(left));
  const current = await telling(tx, secrets, deployment, { release: release.name });
  const told = { ...current, variables: { ...current.variables, ...body.variables } };
  refuseFaults([
    ...faults,
    ...(await checkSpecification(tx, { region, size_slug, image }, null)),
    ...(await sizeFaults(tx, secrets, told)),
  ]);
  if (zone === undefined) throw new Error("No zone is configured: set ARCADIA_DOMAIN and restart");
  const context = deploymentContext(id);
  const userData = (await assembledUserData(tx, secrets, told)) ?? "";
  const spec = { name, region, size_slug, image, ssh_keys: sshKeys.parse(release.ssh_keys), features };
  const [before, then] = [
    await sizeOf(tx, subject.seen?.size_slug ?? deployment.size_slug),
    await sizeOf(tx, size_slug),
  ];
  return {
    size_slug,
    release: release.name,
    input: {
      ...spec,
      deployment_id: id,
      tenant_id,
      droplet_id: dropletId,
      hostname,
      zone,
      address,
      is_gone: subject.isGone,
      health_check: check,
      bake_seconds,
      reserved_ip,
      release: release.name,
      volume: subject.volume,
      rollback_safe: release.rollback_safe,
      variables: body.variables ? sealVariables(secrets, id, told.variables) : null,
      user_data: { owner_id: null, context },
    },
    // Its saga's own copy: what changes meanwhile is for the next droplet.
    begun: (sagaId) => keepUserData(tx, sagaId, secrets.seal(userData, context), clock.now()),
    preview: {
      does: [
        ...unknown.map(
          (kind) =>
            `Whether a ${attachmentCalled[kind]} lies on it is not known: the token may not read that (${scopesOf([kind])})`,
        ),
        `A new droplet is made from release ${release.name} (${image}, ${size_slug}, ${region}); both cost while both are there`,
        "It has to answer its health check, at its own address, before anybody is led there",
        ...(reserved_ip === null ? [] : [reservedIpWords(reserved_ip)]),
      ],
      cannot_undo: [],
      interruption: null,
      monthly_usd: monthlyUsd(subject, before, then, { backups: release.backups }),
    },
  };
}

const sshKeys = z.array(z.union([z.string(), z.int()]));

async function releaseFor(tx: Tx, { deployment }: Subject, asked: string | undefined): Promise<ReleaseRow> {
  const name = asked ?? deployment.release;
  if (name === null) return refuse(deployment, "it has no release, and none is named: give it one");
  const release = await holdRelease(tx, name);
  if (release) {
    refuseAt("release", volumeFault(deployment, release));
    return release;
  }
  refuseAt("release", `there is no release ${name}`);
  throw new Error("A fault is refused");
}

function refuse({ id }: Subject["deployment"], why: string): never {
  throw new Refusal(
    "not_reproducible",
    `The droplet of deployment ${id} cannot be made again: ${why}. Nothing was changed`,
  );
}
