import { secrets } from "../stage/stage.ts";
import type { Interference, ProviderCall } from "../stage/wire.ts";
import type { Disturbance, Lie } from "./trial.ts";

/** What goes wrong with one call, by the name under which a trial is written down. */
export interface Fault extends Interference {
  readonly name: string;
  /** Whether it can happen to such a call. */
  readonly applies: (method: string, path: string) => boolean;
  /** What it is the same as for all who use the client, which tells them apart and has tests of its own. */
  readonly like?: string;
  /** A definite no, after which a saga may give up; whatever else happens, it has to succeed. */
  readonly isRefusal?: true;
}

const anyCall = (): boolean => true;
const isChange = (method: string): boolean => method !== "GET";
/** What makes something and does not tell it from another by an id of ours. */
const isCreate = (method: string, path: string): boolean =>
  method === "POST" &&
  (path === "/v2/droplets" ||
    isCreateVolume(method, path) ||
    ["/records", "/actions", "/snapshots"].some((end) => path.endsWith(end)));
const isCreateVolume = (method: string, path: string): boolean => method === "POST" && path === "/v2/volumes";
const isWriteRecord = (method: string, path: string): boolean =>
  (method === "POST" && path.endsWith("/records")) || (method === "PUT" && path.includes("/records/"));
const isCreateDroplet = (method: string, path: string): boolean => method === "POST" && path === "/v2/droplets";
const isDeleteDroplet = (method: string, path: string): boolean =>
  method === "DELETE" && path.startsWith("/v2/droplets/");
const isDropletList = (method: string, path: string): boolean => method === "GET" && path === "/v2/droplets";
const isOneDroplet = (method: string, path: string): boolean => method === "GET" && path.startsWith("/v2/droplets/");
const isRecordList = (method: string, path: string): boolean => method === "GET" && path.endsWith("/records");
const isAction = (method: string, path: string): boolean =>
  method === "POST" && /^\/v2\/(?:droplets|reserved_ips)\/[\d.]+\/actions$/.test(path);
const isOneRecord = (method: string, path: string): boolean => method === "GET" && path.includes("/records/");
const isSnapshotList = (method: string, path: string): boolean => method === "GET" && path === "/v2/snapshots";
const isOneSnapshot = (method: string, path: string): boolean => method === "GET" && path.startsWith("/v2/snapshots/");
const isReservedIpList = (method: string, path: string): boolean => method === "GET" && path === "/v2/reserved_ips";
const isOneReservedIp = (method: string, path: string): boolean =>
  method === "GET" && /^\/v2\/reserved_ips\/[\d.]+$/.test(path);
const isDeleteReservedIp = (method: string, path: string): boolean =>
  method === "DELETE" && path.startsWith("/v2/reserved_ips/");
const isActionList = (method: string, path: string): boolean => method === "GET" && path.endsWith("/actions");
const isDeleteSnapshot = (method: string, path: string): boolean =>
  method === "DELETE" && path.startsWith("/v2/snapshots/");
const isVolumeList = (method: string, path: string): boolean => method === "GET" && path === "/v2/volumes";
const isOneVolume = (method: string, path: string): boolean => method === "GET" && /^\/v2\/volumes\/[^/]+$/.test(path);
const isDeleteVolume = (method: string, path: string): boolean =>
  method === "DELETE" && path.startsWith("/v2/volumes/");
const isDeleteRecord = (method: string, path: string): boolean => method === "DELETE" && path.includes("/records/");

const escaped = (path: string): string => `^${path.replaceAll(/[.\\+*?[\]^$(){}|]/g, "\\$&")}$`;

/** A fault that the simulator itself can give, armed for exactly this call. */
const armed = (name: string, applies: Fault["applies"], fault: Record<string, unknown>): Fault => ({
  name,
  applies,
  async arm(simulator, { method, path }) {
    const body = JSON.stringify({ method, path: escaped(path), ...fault });
    const outcome = await simulator.handle({ method: "POST", path: "/_sim/faults", headers: {}, body });
    if (outcome === "hang" || outcome === "reset" || outcome.status !== 201)
      throw new Error(`The simulator does not take the fault ${name}: ${JSON.stringify(outcome)}`);
  },
});

/** An answer that is true but late: it shows an earlier state. */
const bent = (name: string, applies: Fault["applies"], change: (body: Body) => unknown): Fault => ({
  name,
  applies,
  async bend(answer) {
    if (!answer.ok) return answer;
    const body: Body = JSON.parse(await answer.text());
    return new Response(JSON.stringify(change(body)), { status: answer.status, headers: answer.headers });
  },
});

interface SeenDroplet {
  id: number;
  name: string;
  tags: string[];
  status: string;
  networks: { v4: unknown[]; v6: unknown[] };
}
interface SeenRecord {
  id: number;
  name: string;
  data: string;
}
interface Body {
  droplet?: SeenDroplet;
  droplets?: SeenDroplet[];
  domain_record?: SeenRecord;
  domain_records?: SeenRecord[];
}

/** A valid answer that is about another tenant's, of the same installation or not. */
const othersDroplet = (it: SeenDroplet): SeenDroplet => {
  const saga = "01999999-9999-7999-8999-999999999999";
  const tags = [`arcadia-saga-${saga}`, ...it.tags.filter((tag) => !tag.startsWith("arcadia-saga-"))];
  const v4 = [{ ip_address: "203.0.113.66", netmask: "255.255.255.0", gateway: "203.0.113.1", type: "public" }];
  return {
    ...it,
    id: it.id + 5000,
    name: `globex-${saga.replaceAll("-", "").slice(-18)}`,
    tags,
    networks: { v4, v6: [] },
  };
};
const othersRecord = (it: SeenRecord): SeenRecord => ({
  ...it,
  id: it.id + 5000,
  name: "globex",
  data: "203.0.113.66",
});
const others = (body: Body): Body => ({
  ...eachDroplet(body, othersDroplet),
  ...(body.domain_record && { domain_record: othersRecord(body.domain_record) }),
  ...(body.domain_records && { domain_records: body.domain_records.map(othersRecord) }),
});

const eachDroplet = (body: Body, change: (droplet: SeenDroplet) => SeenDroplet): Body => ({
  ...body,
  ...(body.droplet && { droplet: change(body.droplet) }),
  ...(body.droplets && { droplets: body.droplets.map(change) }),
});

const notYetFound: Pick<Fault, "bend"> = {
  bend: async () =>
    new Response(JSON.stringify({ id: "not_found", message: "The resource you were accessing could not be found." }), {
      status: 404,
      headers: { "content-type": "application/json" },
    }),
};

const like = (name: string, fault: Fault): Fault => ({ ...fault, like: name });

const refusing = (name: string, applies: Fault["applies"], fault: Record<string, unknown>): Fault => ({
  ...armed(name, applies, fault),
  isRefusal: true,
});

/** Echoes what no error of ours may repeat. */
const echoing = (what: string) => ({
  kind: "status",
  status: 422,
  body: { id: "unprocessable_entity", message: `This cannot be done: ${what}` },
});

export const faults: readonly Fault[] = [
  like("reset", armed("error", anyCall, { kind: "status", status: 500 })),
  armed("error-3x", (method) => ["GET", "PUT", "DELETE"].includes(method), { kind: "status", status: 503, times: 3 }),
  like("reset-after", armed("error-after", isChange, { kind: "status", status: 504, after_commit: true })),
  like("reset", armed("html", anyCall, { kind: "html", status: 502 })),
  like("reset-after", armed("html-after", isChange, { kind: "html", status: 504, after_commit: true })),
  armed("reset", anyCall, { kind: "reset" }),
  armed("reset-after", isChange, { kind: "reset", after_commit: true }),
  like("reset", armed("hang", anyCall, { kind: "hang" })),
  like("reset-after", armed("hang-after", isChange, { kind: "hang", after_commit: true })),
  armed("burst-429", anyCall, {
    kind: "status",
    status: 429,
    headers: { "ratelimit-remaining": "0", "retry-after": "20" },
  }),
  like(
    "burst-429",
    armed("hour-429", anyCall, { kind: "status", status: 429, headers: { "ratelimit-remaining": "0" } }),
  ),
  refusing("invalid", isCreateDroplet, echoing(`${secrets.userData} of ${secrets.token}`)),
  refusing("invalid", (method, path) => isChange(method) && !isCreateDroplet(method, path), echoing(secrets.token)),
  refusing("placement", isCreateDroplet, { kind: "placement_failure" }),
  refusing("droplet-limit", isCreateDroplet, {
    kind: "status",
    status: 422,
    body: { id: "unprocessable_entity", message: "creating this/these droplet(s) will exceed your droplet limit" },
  }),
  armed("try-again", isCreateDroplet, {
    kind: "status",
    status: 422,
    body: { id: "unprocessable_entity", message: "Something went wrong, please try again." },
  }),
  armed("busy", isDeleteDroplet, {
    kind: "status",
    status: 422,
    body: { id: "unprocessable_entity", message: "Droplet already has a pending event." },
  }),
  armed("attached", isDeleteVolume, {
    kind: "status",
    status: 409,
    body: { id: "conflict", message: "attached volume cannot be deleted" },
  }),
  armed("ineffective", (method) => method === "DELETE", { kind: "ineffective" }),
  armed("busy", isDeleteReservedIp, {
    kind: "status",
    status: 422,
    body: { id: "unprocessable_entity", message: "The resource already has a pending event." },
  }),
  armed("busy", isAction, {
    kind: "status",
    status: 422,
    body: { id: "unprocessable_entity", message: "Droplet already has a pending event." },
  }),
  // Power and size are asked for again, a snapshot too; a rebuild never is, and is given up.
  refusing("ineffective", isAction, { kind: "ineffective" }),
  armed(
    "gone",
    (method, path) =>
      [isDeleteDroplet, isDeleteRecord, isDeleteSnapshot, isDeleteVolume, isDeleteReservedIp].some((it) =>
        it(method, path),
      ),
    { kind: "status", status: 404 },
  ),
  bent("list-lag", isDropletList, (body) => ({ ...body, droplets: [], links: {}, meta: { total: 0 } })),
  bent("list-lag", isRecordList, (body) => ({ ...body, domain_records: [], links: {}, meta: { total: 0 } })),
  bent("list-lag", isSnapshotList, (body) => ({ ...body, snapshots: [], links: {}, meta: { total: 0 } })),
  bent("list-lag", isVolumeList, (body) => ({ ...body, volumes: [], links: {}, meta: { total: 0 } })),
  bent("list-lag", isReservedIpList, (body) => ({ ...body, reserved_ips: [], links: {}, meta: { total: 0 } })),
  bent("list-lag", isActionList, (body) => ({ ...body, actions: [], links: {}, meta: { total: 0 } })),
  bent(
    "late-tag",
    (method, path) => isDropletList(method, path) || isOneDroplet(method, path),
    (body) => eachDroplet(body, (droplet) => ({ ...droplet, tags: [] })),
  ),
  bent(
    "late-ip",
    (method, path) => isDropletList(method, path) || isOneDroplet(method, path),
    (body) => eachDroplet(body, (droplet) => ({ ...droplet, networks: { v4: [], v6: [] } })),
  ),
  bent(
    "late-status",
    (method, path) => isDropletList(method, path) || isOneDroplet(method, path),
    (body) => eachDroplet(body, (droplet) => ({ ...droplet, status: "new" })),
  ),
  // Given up on by whoever sent it, and acted on all the same when nobody thinks of it any more (rule 25).
  {
    name: "an-hour-late",
    applies: (method, path) => isCreate(method, path) || isWriteRecord(method, path),
    lateByMs: 3_600_000,
  },
  bent(
    "anothers",
    (method, path) =>
      [isCreateDroplet, isOneDroplet, isDropletList, isOneRecord, isWriteRecord].some((it) => it(method, path)),
    others,
  ),
  bent("anothers", isRecordList, others),
  {
    name: "get-lag",
    applies: (method, path) =>
      [isOneDroplet, isOneRecord, isOneSnapshot, isOneVolume, isOneReservedIp].some((it) => it(method, path)),
    ...notYetFound,
  },
];

type Asked = Pick<ProviderCall, "method" | "path">;

/** As if nothing of ours were there: every list is empty, every GET by id a 404, and so is a DELETE. */
export const hidden = (call: Asked): Fault | undefined =>
  faultAt("list-lag", call) ?? faultAt("get-lag", call) ?? faultAt("gone", call);

/** What goes wrong with a call as long as a lie lasts. */
export const lieAt = (lie: Lie, call: ProviderCall): Fault | undefined =>
  lie.kind === "long" ? faultAt(lie.fault, call) : hidden(call);

export const isLie = (it: Disturbance): it is Lie => it.kind === "hides" || it.kind === "blinks" || it.kind === "long";

/** Those that may last: a refusal that does ends the saga, and a create that acts late does so once. */
export const lasting: readonly Fault[] = faults.filter(
  ({ isRefusal, like: other, lateByMs }) => !isRefusal && other === undefined && lateByMs === undefined,
);

/** The names of those that have acted before an hour is over. */
export const soonFaults: readonly string[] = faults.filter((it) => it.lateByMs === undefined).map(({ name }) => name);

export const faultsOf = (method: string, path: string): Fault[] =>
  faults.filter((fault) => fault.applies(method, path));

/** The fault of that name, if it can happen to this call. */
export const faultAt = (name: string, { method, path }: Asked): Fault | undefined =>
  faults.find((fault) => fault.name === name && fault.applies(method, path));

/** The name under which what is the same for all who use the client goes. */
export const sortOf = (name: string): string => faults.find((fault) => fault.name === name)?.like ?? name;
