import type { Command } from "commander";
import { conditionFilters, deployment, deploymentFilters } from "#api/deployments.ts";
import { healthStates } from "#api/health-check.ts";
import { fill, paths } from "#api/paths.ts";
import { defaultKeepDays, removal } from "#api/removal.ts";
import { openApi } from "#cli/api/client.ts";
import { deploymentId } from "#cli/api/find-deployment.ts";
import { tenantId, tenantSlugs } from "#cli/api/find-tenant.ts";
import { list } from "#cli/api/pages.ts";
import type { Cli } from "#cli/cli.ts";
import { Failure } from "#cli/failure.ts";
import { type ConfirmOptions, confirmation, withConfirm } from "#cli/input/confirm.ts";
import { wholeNumber } from "#cli/input/option-values.ts";
import { asFilter, collectPairs } from "#cli/input/pairs.ts";
import { deploymentColumns, printDeployment } from "#cli/output/deployment.ts";
import { doomOfCancel, doomOfDeployment, volumeWords } from "#cli/output/doom.ts";
import { isForPeople, type ListOptions, showList, withList } from "#cli/output/list.ts";
import { formatOf, showOne, type ShowOptions, withShow } from "#cli/output/show.ts";
import { showStuck } from "#cli/output/stuck.ts";
import { updating } from "./deployments-update.ts";
import { showDeployment, watchDeployment } from "#cli/watch/watch-deployment.ts";
import { operations } from "./operations.ts";

const which = "by id, hostname or name";

export function deployments(program: Command, cli: Cli): void {
  const group = program.command("deployments");
  withList(group.command("list", { isDefault: true }))
    .description("list the deployments, newest first")
    .option("--status <statuses>", `any of these, with commas: ${deploymentFilters.join(", ")}`)
    .option("--condition <conditions>", `of which any of these is true, with commas: ${conditionFilters.join(", ")}`)
    .option("--tenant <tenant>", "of this tenant; slug or id")
    .option("--name <name>", "with exactly this name")
    .option("--release <name>", "of this release")
    .option("--label <key=value>", "that have it; repeatable", collectPairs)
    .option("--health <states>", `any of these, with commas: ${healthStates.join(", ")}`)
    .option("--search <text>", "whose name or hostname holds it")
    .action((options: FilterOptions) => listDeployments(cli, options));
  withShow(group.command("get <deployment>"))
    .description(`show a deployment, its droplet and its newest saga, ${which}`)
    .action((reference: string, options: ShowOptions) => get(cli, reference, options));
  updating(group, cli);
  group
    .command("watch <deployment>")
    .description(`show the steps of its newest saga until it ends, ${which}; exit status 1 unless it completes`)
    .option("--json", "print the deployment as JSON when it has ended; the steps go to stderr")
    .action((reference: string, options: ShowOptions) => watch(cli, reference, options));
  group
    .command("provision <deployment>")
    .description(`make a pending or cancelled deployment, ${which}`)
    .option("--watch", "show the steps until it is active")
    .option("--json", "print JSON")
    .action((reference: string, options: ActOptions) => provision(cli, reference, options));
  withConfirm(group.command("cancel <deployment>"))
    .description(`stop making it and undo what was made, ${which}`)
    .option("--reason <text>", "why, for the record")
    .option("--json", "print JSON")
    .action((reference: string, options: CancelOptions) => cancel(cli, reference, options));
  operations(group, cli);
  withConfirm(group.command("destroy <deployment>"))
    .description(`take down its DNS record and its droplet for good, ${which}`)
    .option("--delete-volume", "its volume, with the data, may go too: without that, one with a volume is refused")
    .option("--keep-days <days>", "how long a last snapshot of its volume is kept, 0: none is taken (7)", wholeNumber)
    .option("--watch", "show the steps until nothing is left")
    .option("--json", "print JSON")
    .action((reference: string, options: DestroyOptions) => destroy(cli, reference, options));
}

type FilterOptions = ListOptions & {
  status?: string;
  condition?: string;
  tenant?: string;
  name?: string;
  release?: string;
  label?: Record<string, string>;
  health?: string;
  search?: string;
};
type ActOptions = ShowOptions & { watch?: boolean };
type DestroyOptions = ActOptions & ConfirmOptions & { deleteVolume?: boolean; keepDays?: number };
type CancelOptions = ShowOptions & ConfirmOptions & { reason?: string };

async function listDeployments(cli: Cli, options: FilterOptions): Promise<void> {
  const api = await openApi(cli);
  const tenant_id = options.tenant === undefined ? undefined : await tenantId(api, options.tenant);
  const { status, condition, name, release, health, search: q } = options;
  const query = { status, condition, tenant_id, name, release, label: asFilter(options.label), health, q };
  const answer = await list(api, paths.deployments, deployment, query, options);
  const { items } = answer.value;
  const slugs = isForPeople(options)
    ? await tenantSlugs(
        api,
        items.map((it) => it.tenant_id),
      )
    : new Map<string, string>();
  await showList(cli, options, answer, deploymentColumns(cli, slugs), (it) => it.hostname);
  const stuck = items.flatMap(({ hostname, saga }) => (saga?.status === "stuck" ? [{ name: hostname, saga }] : []));
  if (isForPeople(options)) showStuck(cli, stuck);
}

async function get(cli: Cli, reference: string, options: ShowOptions): Promise<void> {
  const api = await openApi(cli);
  const id = await deploymentId(api, reference);
  const answer = await api.get(fill(paths.deployment, { id }), deployment);
  const slugs =
    formatOf(options) !== "table" ? new Map<string, string>() : await tenantSlugs(api, [answer.value.tenant_id]);
  await showOne(cli, options, answer, (it) => printDeployment(cli, it, slugs.get(it.tenant_id)));
}

async function watch(cli: Cli, reference: string, options: ShowOptions): Promise<void> {
  const api = await openApi(cli);
  const id = await deploymentId(api, reference);
  const { value } = await api.get(fill(paths.deployment, { id }), deployment);
  await watchDeployment(cli, api, value, options);
}

async function provision(cli: Cli, reference: string, options: ActOptions): Promise<void> {
  const api = await openApi(cli);
  const path = fill(paths.deploymentProvision, { id: await deploymentId(api, reference) });
  await showDeployment(cli, api, await api.post(path, deployment, {}), options);
}

async function cancel(cli: Cli, reference: string, options: CancelOptions): Promise<void> {
  const confirm = confirmation(cli, options, `Cancelling ${reference}`);
  const api = await openApi(cli);
  const id = await deploymentId(api, reference);
  await confirm(async () => {
    const { value } = await api.get(fill(paths.deployment, { id }), deployment);
    return doomOfCancel(value.saga, value.hostname, id);
  });
  const path = fill(paths.deploymentCancel, { id });
  await showDeployment(cli, api, await api.post(path, deployment, { reason: options.reason }), options);
}

async function destroy(cli: Cli, reference: string, options: DestroyOptions): Promise<void> {
  const { deleteVolume = false, keepDays } = options;
  const confirm = confirmation(cli, options, `Destroying ${reference}`);
  const api = await openApi(cli);
  const id = await deploymentId(api, reference);
  await confirm(async () => {
    const { value } = await api.get(fill(paths.deployment, { id }), deployment);
    const goes = (await api.get(fill(paths.deploymentRemoval, { id }), removal)).value;
    if (goes.volume && !deleteVolume && value.status === "active")
      throw new Failure(`${volumeWords(goes.volume)}, would go too: add --delete-volume if it may. Nothing was sent`);
    return doomOfDeployment(value, goes, keepDays ?? defaultKeepDays);
  });
  const query = new URLSearchParams({
    ...(deleteVolume && { delete_volume: "true" }),
    ...(keepDays !== undefined && { keep_snapshot_days: `${keepDays}` }),
  });
  const destroyed = await api.delete(
    `${fill(paths.deployment, { id })}${query.size > 0 ? `?${query}` : ""}`,
    deployment,
  );
  await showDeployment(cli, api, destroyed, { ...options, goal: "terminated" });
}
