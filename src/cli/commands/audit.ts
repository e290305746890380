import type { Command } from "commander";
import { type AuditEntry, auditEntry } from "#api/audit.ts";
import { hostname, idPrefix } from "#api/fields.ts";
import { paths } from "#api/paths.ts";
import { type Api, openApi } from "#cli/api/client.ts";
import { findDeployment } from "#cli/api/find-deployment.ts";
import { idOf, kinds } from "#cli/api/find-by-id.ts";
import { tenantId } from "#cli/api/find-tenant.ts";
import { list } from "#cli/api/pages.ts";
import type { Cli } from "#cli/cli.ts";
import { type Column, type ListOptions, showList, withList } from "#cli/output/list.ts";
import { printable } from "#cli/output/printable.ts";
import { relative } from "#cli/output/time.ts";

type AuditOptions = ListOptions & {
  subject?: string;
  action?: string;
  objectType?: string;
  object?: string;
  tenant?: string;
  since?: string;
  until?: string;
};

export function audit(program: Command, cli: Cli): void {
  withList(program.command("audit"))
    .option("--subject <name>", "done with the token of this name")
    .option("--action <action>", "such as deployment.create")
    .option("--object-type <type>", "done to this kind of thing, such as deployment")
    .option(
      "--object <object>",
      "done to the thing with this id, to a deployment's hostname, or to this kind of thing, such as deployment",
    )
    .option("--tenant <tenant>", "about this tenant; slug or id")
    .option("--since <time>", "a time in UTC, such as 2026-11-28T12:00:00Z")
    .option("--until <time>", "the same")
    .action((options: AuditOptions) => listAudit(cli, options));
}

async function listAudit(cli: Cli, options: AuditOptions): Promise<void> {
  const api = await openApi(cli);
  const { subject, action, objectType: object_type, object, tenant, since, until } = options;
  const tenant_id = tenant === undefined ? undefined : await tenantId(api, tenant);
  const query = {
    subject,
    action,
    object_type,
    object: object && (await objectOf(api, object)),
    tenant_id,
    since,
    until,
  };
  const answer = await list(api, paths.audit, auditEntry, query, options);
  await showList(cli, options, answer, columns(cli), (it) => it.id);
}

/** An object may also be of a kind whose ids are numbers or names, or a kind itself: those are taken as they stand. */
async function objectOf(api: Api, reference: string): Promise<string> {
  if (!hostname.safeParse(reference).success && !idPrefix.safeParse(reference).success) return reference;
  for (const kind of [kinds.saga, kinds.tenant, kinds.token, kinds.webhook]) {
    const found = await idOf(api, kind, reference);
    if (found !== undefined) return found;
  }
  return (await findDeployment(api, reference)) ?? reference;
}

const columns = (cli: Cli): Column<AuditEntry>[] => [
  { name: "when", cell: (it) => relative(it.at, cli.clock.now()), key: (it) => it.at },
  { name: "who", cell: (it) => printable(it.subject) },
  { name: "action", cell: (it) => it.action },
  { name: "object", cell: (it) => printable(`${it.object_type} ${it.object_id ?? ""}`) },
  { name: "from", cell: (it) => it.address, spare: 1 },
];
