/** Later than anything that happens. Milliseconds of the epoch, as all times here. */
export const never = 8e15;

/** By its id, or in a listing: of all, by tag, by name. Each can be behind by itself. */
export type View = "id" | "all" | "tag" | "name";

/** Something that is there from one moment to another, and is shown, or not, by views that lag. */
export interface Thing {
  readonly id: number;
  /** `never`: what was answered has had no effect. */
  readonly bornAt: number;
  goneAt: number;
  /** How much later each view shows it, and for how long it still does. */
  readonly lag: Readonly<Record<View, number>>;
  readonly linger: Readonly<Record<View, number>>;
  /** Lies: it is there, and not shown. */
  hidden: { view: View; until: number }[];
}

export interface Machine extends Thing {
  readonly kind: "machine";
  readonly name: string;
  readonly region: string;
  readonly size: string;
  /** Its slug, or its id as digits. */
  readonly image: string;
  readonly address: string;
  /** `never`: it finds no place. */
  readonly bootsAt: number;
  /** It is active before its address is told. */
  readonly addressAt: number;
  tags: { name: string; from: number; until: number }[];
}

export interface ZoneRecord extends Thing {
  readonly kind: "record";
  readonly zone: string;
  readonly type: string;
  readonly name: string;
  /** What it has been, one after the other, and from when that is shown. */
  values: { data: string; ttl: number; from: number; shownFrom: number }[];
}

export interface Label {
  readonly kind: "label";
  readonly id: string;
  goneAt: number;
}

export interface Snapshot extends Thing {
  readonly kind: "snapshot";
  readonly name: string;
  readonly machine: number;
  readonly region: string;
  readonly disk: number;
}

export interface Work {
  readonly kind: "work";
  readonly id: number;
  readonly machine: number;
  readonly type: string;
  /** The size or image that is wanted. */
  readonly goal?: string | undefined;
  readonly startedAt: number;
  readonly endsAt: number;
  readonly failed: boolean;
  /** When it really takes hold; `never`: it does not. */
  readonly takesHoldAt: number;
}

export type Entry = Machine | ZoneRecord | Label | Snapshot | Work;

export const exists = (it: Thing, now: number): boolean => it.bornAt <= now && now < it.goneAt;

export const isShown = (it: Thing, view: View, now: number): boolean =>
  it.bornAt < never &&
  it.bornAt + it.lag[view] <= now &&
  now < it.goneAt + it.linger[view] &&
  it.hidden.every((lie) => lie.view !== view || lie.until <= now);

export const tagsOf = ({ tags }: Machine, now: number): string[] => [
  ...new Set(tags.filter((it) => it.from <= now && now < it.until).map((it) => it.name)),
];

/** The value that a record has, or the one that it is shown with. */
export const valueOf = ({ values }: ZoneRecord, now: number, when: "from" | "shownFrom" = "from") =>
  values.findLast((it) => it[when] <= now) ?? values[0];
