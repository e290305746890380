import type { Command } from "commander";
import { deployment, type DeploymentPreview, deploymentPreview } from "#api/deployments.ts";
import { paths } from "#api/paths.ts";
import { tenant } from "#api/tenants.ts";
import type { NewVolume } from "#api/volume.ts";
import { type Api, openApi } from "#cli/api/client.ts";
import { tenantBySlug, tenantId } from "#cli/api/find-tenant.ts";
import { type Cli, say } from "#cli/cli.ts";
import { sayPoints } from "#cli/output/points.ts";
import { printable } from "#cli/output/printable.ts";
import { toldUsd } from "#usd.ts";
import { show, type ShowOptions } from "#cli/output/show.ts";
import { showDeployment } from "#cli/watch/watch-deployment.ts";
import { type SpecOptions, specOf, withSpec } from "#cli/input/droplet-spec.ts";
import { healthCheckOf } from "#cli/input/health-check.ts";
import { readUserData } from "#cli/input/option-values.ts";
import { collectPairs, readVariables } from "#cli/input/pairs.ts";
import { volumeOf } from "#cli/input/volume.ts";

type DeployOptions = ShowOptions &
  SpecOptions & {
    tenant: string;
    createTenant?: boolean;
    hostname: string;
    name?: string;
    replaceDns?: boolean;
    release?: string;
    variable?: Record<string, string>;
    variables?: string;
    label?: Record<string, string>;
    healthCheck?: string;
    volume?: Partial<NewVolume>;
    reservedIp?: boolean;
    provision: boolean;
    preview?: boolean;
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
    .option("--release <name>", "what it runs, instead of --image, --ssh-key and --user-data")
    .option(
      "--variable <NAME=value>",
      "told to its droplet only; repeatable; sealed, and never shown again",
      collectPairs,
    )
    .option("--variables <file>", "the same from a file in JSON, - for stdin")
    .option("--label <key=value>", "by which it is found; repeatable", collectPairs)
    .option("--health-check <check>", "http:PORT/PATH, https:PORT/PATH, tcp:PORT, or the API's JSON (the release's)")
    .option("--volume <GiB>", "a disk for its data that outlives its droplet, 50 or 50:xfs (the release's)", volumeOf)
    .option("--reserved-ip", "lead the hostname to an address that outlives the droplet (as the release says)")
    .option("--no-reserved-ip", "lead it to the droplet's own, whatever the release says")
    .option("--replace-dns", "take over an A record that is there already (admin)")
    .option("--no-provision", "only record it; arcadia deployments provision makes it later")
    .option("--preview", "say what would be made and what it costs, and make nothing")
    .option("--watch", "show the steps until it is active; exit status 1 when it is rolled back")
    .option("--json", "print the deployment as JSON; with --watch when it has ended, the steps go to stderr")
    .action((options: DeployOptions) => run(cli, options));
}

async function run(cli: Cli, options: DeployOptions): Promise<void> {
  const user_data = await readUserData(cli, options.userData);
  const { healthCheck, release } = options;
  const variables = { ...(await readVariables(cli, options.variables)), ...options.variable };
  const health_check = healthCheck === undefined ? undefined : healthCheckOf(healthCheck);
  const api = await openApi(cli);
  const spec = await specOf(api, options, release);
  const newTenant = await tenantToCreate(api, options);
  const tenant_id =
    newTenant === undefined
      ? await tenantId(api, options.tenant)
      : options.preview
        ? nobody
        : await createTenant(cli, api, newTenant, options);
  const body = {
    tenant_id,
    name: options.name ?? options.hostname.toLowerCase().replace(/\.$/, ""),
    hostname: options.hostname,
    ...spec,
    provision: options.provision,
    user_data,
    variables: Object.keys(variables).length > 0 ? variables : undefined,
    labels: options.label,
    health_check,
    volume: options.volume,
    reserved_ip: options.reservedIp,
    replace_dns: options.replaceDns ?? false,
  };
  if (options.preview) {
    const query =
      newTenant === undefined ? "?preview=true" : `?preview=true&new_tenant=${encodeURIComponent(newTenant)}`;
    const answer = await api.post(`${paths.deployments}${query}`, deploymentPreview, body);
    return show(cli, options, answer, (it) => printPreview(cli, it));
  }
  await showDeployment(cli, api, await api.post(paths.deployments, deployment, body), options);
}

function printPreview(cli: Cli, { hostname, does, monthly_usd: price }: DeploymentPreview): void {
  say(cli.stdout, `Deploying ${hostname} would do this; nothing was written:`);
  const cost = price === null ? "What it costs is not known" : `It costs ${toldUsd(price)} a month`;
  sayPoints(cli.stdout, [...does, cost]);
}

/** Where a tenant is to be created, and is not there. */
async function tenantToCreate(api: Api, { createTenant: mayCreate, tenant: slug }: DeployOptions) {
  return mayCreate && !(await tenantBySlug(api, slug)) ? slug : undefined;
}

/** In a preview with a tenant that does not exist yet. */
const nobody = "00000000-0000-0000-0000-000000000000";

async function createTenant(cli: Cli, api: Api, slug: string, { json }: DeployOptions): Promise<string> {
  const { value } = await api.post(paths.tenants, tenant, { slug, name: slug });
  if (!json) say(cli.stdout, `Tenant ${printable(value.slug)} is created`);
  return value.id;
}
