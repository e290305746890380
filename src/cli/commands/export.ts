import type { Command } from "commander";
import { type Deployment, deployment } from "#api/deployments.ts";
import { fill, paths } from "#api/paths.ts";
import { removal } from "#api/removal.ts";
import { type Api, openApi } from "#cli/api/client.ts";
import { tenantId } from "#cli/api/find-tenant.ts";
import { list } from "#cli/api/pages.ts";
import { type Cli, say } from "#cli/cli.ts";
import { printable } from "#cli/output/printable.ts";
import { type Exported, terraformOf } from "#cli/output/terraform.ts";

export function exports(program: Command, cli: Cli): void {
  program
    .command("export")
    .command("terraform")
    .description("write the active deployments as HCL, with import blocks: droplets and DNS records")
    .option("--tenant <tenant>", "of this tenant only; slug or id")
    .action((options: { readonly tenant?: string }) => terraform(cli, options));
}

async function terraform(cli: Cli, options: { readonly tenant?: string }): Promise<void> {
  const api = await openApi(cli);
  const tenant_id = options.tenant === undefined ? undefined : await tenantId(api, options.tenant);
  const found: Exported[] = [];
  const { value } = await list(api, paths.deployments, deployment, { status: "active", tenant_id }, { all: true });
  for (const it of value.items) {
    const one = await exported(api, it);
    if (one) found.push(one);
    else
      say(
        cli.stderr,
        `${printable(it.hostname)} is left out: its droplet is gone, or does not tell its size and image`,
      );
  }
  say(cli.stdout, terraformOf(found));
}

async function exported(api: Api, { id, hostname, resource }: Deployment): Promise<Exported | undefined> {
  if (!resource || resource.deleted_at !== null) return undefined;
  const { provider_id, name, region, size_slug, image, tags } = resource;
  if (region === null || size_slug === null || image === null) return undefined;
  // What is ours of its DNS: a record that is kept elsewhere is nothing of Arcadia's.
  const { value } = await api.get(fill(paths.deploymentRemoval, { id }), removal);
  const records = value.dns_records.flatMap((record) => (record.id === null ? [] : [{ ...record, id: record.id }]));
  const reservedIps = value.reserved_ips.flatMap(({ ip, region: where }) =>
    ip === null ? [] : [{ ip, region: where }],
  );
  return {
    hostname,
    reservedIps,
    droplet: { provider_id, name, region, size_slug, image: String(image), tags },
    records,
  };
}
