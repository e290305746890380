import type { Command } from "commander";
import { type AuditEntry, auditEntry } from "#api/audit.ts";
import { paths } from "#api/paths.ts";
import { openApi } from "#cli/api/client.ts";
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
    .option("--object <object>", "done to the thing with this id, or to this kind of thing, such as deployment")
    .option("--tenant <tenant>", "about this tenant; slug or id")
    .option("--since <time>", "an ISO time")
    .option("--until <time>", "an ISO time")
    .action((options: AuditOptions) => listAudit(cli, options));
}

async function listAudit(cli: Cli, options: AuditOptions): Promise<void> {
  const api = await openApi(cli);
  const { subject, action, objectType: object_type, object, tenant, since, until } = options;
  const tenant_id = tenant === undefined ? undefined : await tenantId(api, tenant);
  const query = { subject, action, object_type, object, tenant_id, since, until };
  const answer = await list(api, paths.audit, auditEntry, query, options);
  await showList(cli, options, answer, columns(cli), (it) => it.id);
}

const columns = (cli: Cli): Column<AuditEntry>[] => [
  { name: "when", cell: (it) => relative(it.at, cli.clock.now()), key: (it) => it.at },
  { name: "who", cell: (it) => printable(it.subject) },
  { name: "action", cell: (it) => it.action },
  { name: "object", cell: (it) => printable(`${it.object_type} ${it.object_id ?? ""}`) },
  { name: "from", cell: (it) => it.address, spare: 1 },
];
