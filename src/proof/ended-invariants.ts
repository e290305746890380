import { dropletKind, sagaOf } from "#resources/kinds/droplet-handle.ts";
import type { AtRest, Facts, RecordLine } from "./invariants.ts";
import type { Truth } from "./truth.ts";

/** 4. Cancelled or terminated: nothing of it at the provider; its hostname is as others had and left it. */
export function endedLeavesNothing(
  { deployments, sagas, resources, held }: Facts,
  { truth, recordsBefore: given = [], strangers = [], remade = [], isRetouched = false }: AtRest,
): string[] {
  return deployments
    .filter((deployment) => ["cancelled", "terminated"].includes(deployment.status))
    .flatMap((deployment) => {
      const own = new Set(sagas.filter((saga) => saga.deployment_id === deployment.id).map((saga) => saga.id));
      const left = truth.droplets.filter((droplet) => own.has(sagaOf(droplet) ?? ""));
      const linked = resources.filter((row) => row.deployment_id === deployment.id && row.deleted_at === null);
      const recordsBefore = deployment.activated_at && !isGivenBack(deployment, held) ? [] : given;
      return [
        ...left.map((droplet) => `4: ${deployment.status} deployment ${deployment.id} left droplet ${droplet.id}`),
        ...linked.map((row) => `4: ${deployment.status} deployment ${deployment.id} still has resource ${row.id}`),
        // A hostname whose record a person has made anew is theirs: where it leads, the others judge.
        ...(remade.length > 0
          ? []
          : zoneChanged(deployment, deployments, truth, { strangers, recordsBefore, isRetouched })),
      ];
    });
}

/** Adopted, and not destroyed: the droplet, and the record that led to it, are as they were before. */
const isGivenBack = (deployment: Facts["deployments"][number], held: Facts["held"]): boolean =>
  deployment.adopted &&
  !held.some((row) => row.deployment_id === deployment.id && row.kind === dropletKind && row.phase !== "left");

function zoneChanged(
  deployment: Facts["deployments"][number],
  all: Facts["deployments"],
  truth: Truth,
  {
    strangers,
    recordsBefore,
    isRetouched,
  }: {
    readonly strangers: readonly RecordLine[];
    readonly recordsBefore: readonly RecordLine[];
    readonly isRetouched: boolean;
  },
): string[] {
  const { hostname } = deployment;
  if (all.some((other) => other.hostname === hostname && !["cancelled", "terminated"].includes(other.status)))
    return [];
  const domain = truth.domains.find(({ name }) => hostname === name || hostname.endsWith(`.${name}`));
  const zone = domain?.name ?? "";
  const name = hostname === zone ? "@" : hostname.slice(0, -(zone.length + 1));
  const before = [...strangers, ...recordsBefore];
  const ledAstray = before.filter((it) => it.name === name && truth.strangers.includes(it.data));
  // What stood beside one that may not be put back keeps the TTL that ours had: a name's records have one.
  const isTtlAny = isRetouched || ledAstray.length > 0;
  const line = ({ type, data, ttl }: RecordLine) => `${type} ${data}${isTtlAny ? "" : ` (${ttl} s)`}`;
  // Where others have acted meanwhile, what had been there before is theirs to see to.
  const isTheirs = (it: RecordLine) =>
    strangers.some((theirs) => theirs.name === name) && recordsBefore.some(({ data }) => data === it.data);
  const leading = (records: readonly RecordLine[]) =>
    records
      .filter((it) => it.name === name && ["A", "AAAA", "CNAME"].includes(it.type))
      // Where that may be put back and where not, the others judge.
      .filter((it) => !truth.strangers.includes(it.data) && !isTheirs(it))
      .map(line)
      .toSorted();
  const now = leading(domain?.records ?? []);
  const then = leading(before);
  return now.join() === then.join() ? [] : [`4: ${hostname} had [${then.join()}] and has [${now.join()}]`];
}
