import type { Command } from "commander";
import { deployment } from "#api/deployments.ts";
import { paths } from "#api/paths.ts";
import { tenant } from "#api/tenants.ts";
import { type Api, openApi } from "#cli/api/client.ts";
import { tenantBySlug, tenantId } from "#cli/api/find-tenant.ts";
import { type Cli, say } from "#cli/cli.ts";
import { printable } from "#cli/output/printable.ts";
import type { ShowOptions } from "#cli/output/show.ts";
import { showDeployment } from "#cli/watch/watch-deployment.ts";
import { type SpecOptions, specOf, withSpec } from "#cli/input/droplet-spec.ts";
import { readUserData } from "#cli/input/option-values.ts";

type DeployOptions = ShowOptions &
  SpecOptions & {
    tenant: string;
    createTenant?: boolean;
    hostname: string;
    name?: string;
    replaceDns?: boolean;
    provision: boolean;
    watch?: boolean;
  };

export function deploy(program: Command, cli: Cli): void {
  const command = program
    .command("deploy")
    .requiredOption("--tenant <tenant>", "whose it is; slug or id")
    .option("--create-tenant", "create the tenant when there is none with that slug")
    .requiredOption("--hostname <hostname>", "under which it is reached, in the provider's zone")
    .option("--name <name>", "the deployment's name (the hostname)");
  withSpec(command)
    .option("--replace-dns", "take over an A record that is there already (admin)")
    .option("--no-provision", "only record it; arcadia deployments provision makes it later")
    .option("--watch", "show the steps until it is active; exit status 1 when it is rolled back")
    .option("--json", "print the deployment as JSON; with --watch when it has ended, the steps go to stderr")
    .action((options: DeployOptions) => run(cli, options));
}

async function run(cli: Cli, options: DeployOptions): Promise<void> {
  const user_data = await readUserData(cli, options.userData);
  const api = await openApi(cli);
  const spec = await specOf(api, options);
  const started = await api.post(paths.deployments, deployment, {
    tenant_id: await findOrCreateTenant(cli, api, options),
    name: options.name ?? options.hostname.toLowerCase().replace(/\.$/, ""),
    hostname: options.hostname,
    ...spec,
    provision: options.provision,
    user_data,
    replace_dns: options.replaceDns ?? false,
  });
  await showDeployment(cli, api, started, options);
}

async function findOrCreateTenant(cli: Cli, api: Api, options: DeployOptions): Promise<string> {
  const slug = options.tenant;
  if (!options.createTenant || (await tenantBySlug(api, slug))) return tenantId(api, slug);
  const { value } = await api.post(paths.tenants, tenant, { slug, name: slug });
  if (!options.json) say(cli.stdout, `Tenant ${printable(value.slug)} is created`);
  return value.id;
}
