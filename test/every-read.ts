import { type Fullness, idOf, tenantsIn } from "./full-database.ts";

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly schema: { readonly enum?: readonly string[]; readonly type?: string };
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly parameters?: readonly Parameter[] }>>>>;
}

/** One way of reading something, as a path with its query. */
export interface Read {
  readonly path: string;
  /** Whether only who is bound to no tenant may. */
  readonly forAll: boolean;
}

/** What filters are set to that take any text: common, rare and old, one that nothing has, and one that is short. */
function samples(how: Fullness): Record<string, readonly string[]> {
  const { deployments, droplets } = how;
  return {
    "deployments status": [
      "active",
      "suspended",
      "cancelled",
      "pending",
      "stuck",
      "terminated,active",
      "stuck,cancelled",
    ],
    "deployments label": ["tier:web", "tier:old", "tier:none"],
    "deployments release": ["one"],
    "deployments condition": ["any", "droplet_gone"],
    "deployments health": ["unhealthy", "healthy", "unknown"],
    "tenants label": ["tier:none"],
    "releases q": ["one", "nothing"],
    "releases/:name": ["one"],
    "costs from": ["2026-11-01T00:00:00Z"],
    "costs to": ["2026-11-01T00:00:00Z"],
    "tenants id_prefix": [idOf("tenant", 1).slice(0, 18), "ffffffff"],
    "deployments id_prefix": [idOf("deployment", deployments), "ffffffff"],
    "sagas id_prefix": [idOf("saga", 1), "ffffffff"],
    "deployments name": ["web", "app-1", "nothing"],
    "deployments hostname": ["h1.t1.example.com", "none.example.com"],
    "deployments q": ["example", "app-1.", "h3.t", "nothing", "z", "zq"],
    "tenants q": ["tenant", "No 7", "nothing", "zq"],
    "tenants slug": ["tenant-1", "nothing"],
    "resources q": ["droplet", `droplet-${deployments - droplets + 7}`, "10.0.", "nothing", "zq"],
    "resources status": ["active", "off", "deleted"],
    "resources region": ["syd1", "nyc3", "ams3"],
    "resources provider_id": [String(deployments)],
    "sagas status": ["completed", "rolled_back", "stuck", "running", "waiting,stuck", "rolled_back,completed"],
    "sagas name": ["provision_deployment", "destroy_droplet", "destroy_droplet,provision_droplet"],
    "audit subject": ["subject 1", "somebody of old", "nobody"],
    "audit action": ["deployment.create", "tenant.delete", "nothing.done"],
    "audit object": ["deployment", "tenant", idOf("deployment", 1), "nothing"],
    "audit object_type": ["deployment", "tenant", "nothing"],
    "audit object_id": [idOf("deployment", 1), "nothing"],
    "audit since": ["2026-01-01T00:00:00Z"],
    "audit until": ["2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"],
    "webhooks id_prefix": [idOf("other", 3), "ffffffff"],
    "webhooks status": ["delivered", "failed", "failed,pending"],
    "stats days": ["1", "30", "90"],
    "events after": ["3"],
    deployment_id: [idOf("deployment", deployments), idOf("deployment", 1)],
    tenant_id: [idOf("tenant", 1), idOf("tenant", tenantsIn(how) - 1)],
    id: [idOf("tenant", 1)],
    limit: ["1", "200"],
    "tenants/:id": [idOf("tenant", 1)],
    "deployments/:id": [idOf("deployment", deployments), idOf("deployment", 1)],
    "sagas/:id": [idOf("saga", deployments * 2), idOf("saga", 1)],
    "webhooks/:id": [idOf("webhook", 1)],
  };
}

/** Only who is bound to no tenant may read these. */
const forAll = ["/v1/orphans", "/v1/provider", "/v1/tokens", "/metrics"];

/**
 * Every read that the API's own document has, with each of its filters by itself, set to what is common, what is rare
 * and what is not there.
 * @throws when it has a filter that nobody has thought of here
 */
export function everyRead(document: unknown, how: Fullness): Read[] {
  const known = samples(how);
  const reads: Read[] = [];
  for (const [template, methods] of Object.entries((document as Document).paths)) {
    const { get } = methods;
    if (!get) continue;
    const noun = /^\/v1\/([a-z]+)/.exec(template)?.[1] ?? "";
    const queries = (get.parameters ?? []).filter((it) => it.in === "query" && it.name !== "cursor");
    const filters = queries.flatMap((parameter) => {
      const last = template.split("/").at(-1) ?? "";
      const values =
        known[`${last} ${parameter.name}`] ??
        known[`${noun} ${parameter.name}`] ??
        parameter.schema.enum ??
        (parameter.schema.type === "boolean" ? ["true", "false"] : known[parameter.name]);
      if (!values) throw new Error(`Say in every-read.ts what ${parameter.name} of ${template} may be`);
      return values.map((value) => `${parameter.name}=${encodeURIComponent(value)}`);
    });
    const variable = /\{([a-z_]+)\}/.exec(template)?.[1];
    const ids = variable === undefined ? [""] : (known[`${noun}/:${variable}`] ?? []);
    if (ids.length === 0) throw new Error(`Say in every-read.ts which ${template} there are`);
    for (const id of ids)
      for (const filter of ["", ...filters])
        reads.push({
          path: template.replace(`{${variable}}`, id) + (filter && `?${filter}`),
          forAll: forAll.some((path) => template.startsWith(path)),
        });
  }
  return [...reads, { path: "/metrics", forAll: true }];
}
