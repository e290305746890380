import { type Command, Option } from "commander";
import { type AdoptionPreview, adoptionPreview, dnsModes } from "#api/adopt.ts";
import { deployment } from "#api/deployments.ts";
import { paths } from "#api/paths.ts";
import { ApiError } from "#cli/api/api-error.ts";
import { type Api, openApi } from "#cli/api/client.ts";
import { tenantId } from "#cli/api/find-tenant.ts";
import { type Cli, say } from "#cli/cli.ts";
import { Failure, NotFound, UsageError } from "#cli/failure.ts";
import { type Adoptee, adopteesOf } from "#cli/input/adoptees.ts";
import { dropletId } from "#cli/input/option-values.ts";
import { readText } from "#cli/input/read-text.ts";
import { sayPoints } from "#cli/output/points.ts";
import { printable } from "#cli/output/printable.ts";
import { show, type ShowOptions } from "#cli/output/show.ts";
import { showDeployment } from "#cli/watch/watch-deployment.ts";

type Options = ShowOptions & {
  tenant?: string;
  droplet?: number;
  hostname?: string;
  dns: Adoptee["dns"];
  preview?: boolean;
  watch?: boolean;
  fromFile?: string;
};

export function adopt(program: Command, cli: Cli): void {
  program
    .command("adopt")
    .option("--tenant <tenant>", "whose it becomes; slug or id")
    .option("--droplet <id>", "the droplet that is there already", dropletId)
    .option("--hostname <hostname>", "under which it is reached")
    .addOption(
      new Option("--dns <mode>", "manage: its A record becomes ours; keep: DNS stays as it is")
        .choices(dnsModes)
        .default("keep"),
    )
    .addOption(
      new Option(
        "--from-file <csv>",
        "many: a header with provider_id, hostname, tenant and dns (keep), a line for each",
      ).conflicts(["tenant", "droplet", "hostname", "dns", "watch"]),
    )
    .option("--preview", "say what it would do, or what would become of each, and start nothing")
    .option("--dry-run", "the same as --preview")
    .option("--watch", "show the steps until it ends")
    .option("--json", "print JSON")
    .action(({ preview, dryRun, ...options }: Options & { dryRun?: boolean }) =>
      (options.fromFile === undefined ? one : many)(cli, { ...options, preview: preview ?? dryRun ?? false }),
    );
}

async function one(cli: Cli, options: Options): Promise<void> {
  const { tenant, droplet, hostname, dns } = options;
  if (tenant === undefined || droplet === undefined || hostname === undefined)
    throw new UsageError("Give --tenant, --droplet and --hostname, or --from-file");
  const api = await openApi(cli);
  const body = { tenant_id: await tenantId(api, tenant), provider_id: droplet, hostname, dns };
  if (options.preview)
    return show(cli, options, await api.post(`${paths.deploymentAdopt}?preview=true`, adoptionPreview, body), (it) =>
      printPreview(cli, it),
    );
  await showDeployment(cli, api, await api.post(paths.deploymentAdopt, deployment, body), options);
}

function printPreview(cli: Cli, { droplet, hostname, does, cannot_see: unseen }: AdoptionPreview): void {
  say(cli.stdout, `Adopting droplet ${droplet.provider_id} as ${hostname} would do this; nothing was started:`);
  sayPoints(cli.stdout, does);
  say(cli.stdout, "It cannot be seen from here:");
  sayPoints(cli.stdout, unseen);
}

/** What has become of a line of the file. */
interface Told extends Adoptee {
  readonly outcome: string;
  readonly refused: boolean;
}

/** Each by itself: one that is refused keeps no other from being adopted, and a file can be given again. */
async function many(cli: Cli, { fromFile: path = "", preview = false, json }: Options): Promise<void> {
  const adoptees = adopteesOf(path, await readText(cli, path, "--from-file"));
  const api = await openApi(cli);
  const tenants = new Map<string, Promise<string>>();
  const told: Told[] = [];
  for (const adoptee of adoptees) {
    const { tenant, provider_id, hostname, dns } = adoptee;
    const known = tenants.get(tenant) ?? tenantId(api, tenant);
    tenants.set(tenant, known);
    const result = await adoptOne(api, known, { provider_id, hostname, dns }, preview);
    told.push({ ...adoptee, ...result });
    if (!json) say(cli.stdout, `${provider_id}  ${printable(hostname)}  ${printable(result.outcome)}`);
  }
  if (json) say(cli.stdout, JSON.stringify(told));
  const refused = told.filter((it) => it.refused).length;
  const done = preview ? "could be adopted; nothing was started" : "are being adopted";
  if (!json) say(cli.stdout, `${told.length - refused} of ${told.length} ${done}`);
  if (refused > 0) throw new Failure(`${refused} of ${told.length} lines of ${path} were refused`);
}

async function adoptOne(
  api: Api,
  tenant: Promise<string>,
  what: object,
  preview: boolean,
): Promise<Pick<Told, "outcome" | "refused">> {
  try {
    const body = { tenant_id: await tenant, ...what };
    if (preview) {
      await api.post(`${paths.deploymentAdopt}?preview=true`, adoptionPreview, body);
      return { outcome: "can be adopted", refused: false };
    }
    const { value } = await api.post(paths.deploymentAdopt, deployment, body);
    return { outcome: `deployment ${value.id}`, refused: false };
  } catch (error) {
    if (error instanceof NotFound) return { outcome: error.message, refused: true };
    if (!(error instanceof ApiError) || error.status >= 500 || error.status === 429 || error.status < 404) throw error;
    return { outcome: [error.message, ...error.faults].join("; "), refused: true };
  }
}
