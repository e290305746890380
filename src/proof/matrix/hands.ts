import { sagaOf } from "#resources/kinds/droplet-handle.ts";
import type { Person } from "../stage/person.ts";
import { bystander, type Stage } from "../stage/stage.ts";
import { handsAt, type Stranger } from "./dns.ts";
import { type HandKind, handKinds } from "./trial.ts";

type Droplet = ReturnType<Stage["simulator"]["state"]>["droplets"][number];

/** Those of the scenario's deployment, the oldest first. */
const oursAt = ({ simulator }: Pick<Stage, "simulator">): Droplet[] =>
  simulator.state().droplets.filter((it) => sagaOf(it) !== undefined && !it.name.startsWith(bystander));

/** Of each kind, to which droplets, and how. */
const toDroplets: Readonly<
  Record<
    Exclude<HandKind, "retouch" | "remake">,
    readonly [which: (ours: Droplet[]) => Droplet[], how: (person: Person, droplet: Droplet) => void]
  >
> = {
  lose: [(ours) => ours.slice(0, 1), (person, { id }) => person.lose(id)],
  "lose-newest": [(ours) => (ours.length > 1 ? ours.slice(-1) : []), (person, { id }) => person.lose(id)],
  rename: [
    (ours) => ours,
    (person, { id }) => person.send("POST", `/v2/droplets/${id}/actions`, { type: "rename", name: `by-hand-${id}` }),
  ],
  untag: [
    (ours) => ours,
    (person, { id, tags }) => {
      const resources = [{ resource_id: `${id}`, resource_type: "droplet" }];
      for (const tag of tags) person.send("DELETE", `/v2/tags/${tag}/resources`, { resources });
    },
  ],
  "turn-on": [(ours) => ours.filter(({ status }) => status === "off"), (person, { id }) => person.turnOn(id)],
};

/** What a person can do to ours that is there. */
export function handsOn(stage: Stage): HandKind[] {
  const ours = oursAt(stage);
  return [
    ...handsAt(stage.simulator),
    ...handKinds.filter((kind) => !isOfRecords(kind) && toDroplets[kind][0](ours).length > 0),
  ];
}

/** Does it. @returns whether there was anything to do it to */
export function layHandOn(stage: Stage, stranger: Stranger, kind: HandKind): boolean {
  if (isOfRecords(kind)) return stranger[kind](stage.simulator);
  const [which, how] = toDroplets[kind];
  const them = which(oursAt(stage));
  for (const droplet of them) how(stage.person, droplet);
  return them.length > 0;
}

/** Those that are done to our records. */
export const isOfRecords = (kind: HandKind): kind is "retouch" | "remake" => kind === "retouch" || kind === "remake";

/** Whether a droplet of ours is destroyed by it. */
export const loses = ({ kind }: { readonly kind: string }): boolean => kind === "lose" || kind === "lose-newest";
