import type { Command } from "commander";
import { deployment } from "#api/deployments.ts";
import { fill, paths } from "#api/paths.ts";
import { type Saga, saga, sagaNames, sagaStatuses } from "#api/sagas.ts";
import { type Api, openApi } from "#cli/api/client.ts";
import { deploymentId, sagaId } from "#cli/api/find-deployment.ts";
import { tenantId } from "#cli/api/find-tenant.ts";
import { list } from "#cli/api/pages.ts";
import { type Cli, say } from "#cli/cli.ts";
import { type ConfirmOptions, confirmation, withConfirm } from "#cli/input/confirm.ts";
import { doomOfCancel, doomOfRelease, doomOfResolve } from "#cli/output/doom.ts";
import { isForPeople, type ListOptions, showList, withList } from "#cli/output/list.ts";
import { printSaga, sagaColumns } from "#cli/output/saga.ts";
import { show, showOne, type ShowOptions, withShow } from "#cli/output/show.ts";
import { showStuck } from "#cli/output/stuck.ts";
import { followSaga } from "#cli/watch/follow.ts";
import { leaveOnInterrupt } from "#cli/watch/interrupt.ts";
import { plainLines } from "#cli/watch/plain.ts";
import { conclude, watchSaga } from "#cli/watch/watch-saga.ts";
import { wholeNumber } from "#cli/input/option-values.ts";

const which = "by its id, the beginning of it, or its deployment's hostname";

export function sagas(program: Command, cli: Cli): void {
  const group = program.command("sagas");
  withList(group.command("list", { isDefault: true }))
    .description("list the sagas, newest first")
    .option("--status <statuses>", `any of these, with commas: ${sagaStatuses.join(", ")}`)
    .option("--name <names>", `any of these, with commas: ${sagaNames.join(", ")}`)
    .option("--deployment <deployment>", "of this deployment; id, hostname or name")
    .option("--tenant <tenant>", "of this tenant; slug or id")
    .action((options: FilterOptions) => listSagas(cli, options));
  withShow(group.command("get <saga>"))
    .description(`show a saga and its steps, ${which}`)
    .action((reference: string, options: ShowOptions) => get(cli, reference, options));
  group
    .command("watch <saga>")
    .description(`show its steps until it ends, ${which}; exit status 1 unless it completes`)
    .option("--json", "print the saga as JSON when it has ended; the steps go to stderr")
    .action((reference: string, options: ShowOptions) => watch(cli, reference, options));
  group
    .command("events <saga>")
    .description("print its history, then what happens, a line per event, until it ends")
    .option("--after <sequence>", "only the events after this one", wholeNumber, 0)
    .option("--json", "print each event as one line of JSON")
    .action((reference: string, options: ShowOptions & { after: number }) => events(cli, reference, options));
  withConfirm(group.command("cancel <saga>"))
    .description("stop it and undo what it did")
    .option("--reason <text>", "why, for the record")
    .option("--json", "print JSON")
    .action((reference: string, options: EndOptions) => cancel(cli, reference, options));
  group
    .command("retry <saga>")
    .description("run a stuck saga on, with fresh deadlines")
    .option("--json", "print JSON")
    .action((reference: string, options: ShowOptions) => retry(cli, reference, options));
  withConfirm(group.command("release-hold <saga>"))
    .description("let a held saga begin: it destroys more than may be in an hour (admin)")
    .option("--json", "print JSON")
    .action((reference: string, options: EndOptions) => releaseHold(cli, reference, options));
  withConfirm(group.command("resolve <saga>"))
    .description("close a stuck saga: what it could not do was done by hand (admin)")
    .requiredOption("--reason <text>", "what was done, for the record")
    .option("--json", "print JSON")
    .action((reference: string, options: EndOptions) => resolve(cli, reference, options));
}

type FilterOptions = ListOptions & { status?: string; name?: string; deployment?: string; tenant?: string };

async function listSagas(cli: Cli, options: FilterOptions): Promise<void> {
  const api = await openApi(cli);
  const deployment_id = options.deployment === undefined ? undefined : await deploymentId(api, options.deployment);
  const tenant_id = options.tenant === undefined ? undefined : await tenantId(api, options.tenant);
  const query = { status: options.status, name: options.name, deployment_id, tenant_id };
  const answer = await list(api, paths.sagas, saga, query, options);
  await showList(cli, options, answer, sagaColumns(cli), (it) => it.id);
  if (!isForPeople(options)) return;
  showStuck(
    cli,
    answer.value.items.flatMap((it) => (it.status === "stuck" ? [{ name: it.name, saga: it }] : [])),
  );
}

async function get(cli: Cli, reference: string, options: ShowOptions): Promise<void> {
  const api = await openApi(cli);
  const id = await sagaId(api, reference);
  await showOne(cli, options, await api.get(fill(paths.saga, { id }), saga), (it) => printSaga(cli, it));
}

async function watch(cli: Cli, reference: string, options: ShowOptions): Promise<void> {
  const api = await openApi(cli);
  const path = fill(paths.saga, { id: await sagaId(api, reference) });
  const ended = await watchSaga(cli, api, (await api.get(path, saga)).value, options);
  if (options.json) show(cli, options, await api.get(path, saga), () => {});
  conclude(cli, ended, options, `${ended.name} completed`);
}

async function events(cli: Cli, reference: string, options: ShowOptions & { after: number }): Promise<void> {
  const api = await openApi(cli);
  const id = await sagaId(api, reference);
  const { value } = await api.get(fill(paths.saga, { id }), saga);
  const print = plainLines(cli.stdout, value.name);
  const stay = leaveOnInterrupt(value, false);
  for await (const event of followSaga(cli, api, id, options.after))
    if (options.json) say(cli.stdout, JSON.stringify(event));
    else print(event);
  stay();
}

type EndOptions = ShowOptions & ConfirmOptions & { reason?: string };

async function cancel(cli: Cli, reference: string, options: EndOptions): Promise<void> {
  const confirm = confirmation(cli, options, `Cancelling saga ${reference}`);
  const api = await openApi(cli);
  const id = await sagaId(api, reference);
  await confirm(async () => {
    const it = (await api.get(fill(paths.saga, { id }), saga)).value;
    return doomOfCancel(it, await hostnameOf(api, it), id);
  });
  await act(cli, api, fill(paths.sagaCancel, { id }), { reason: options.reason }, options);
}

async function resolve(cli: Cli, reference: string, options: EndOptions): Promise<void> {
  const confirm = confirmation(cli, options, `Resolving saga ${reference}`);
  const api = await openApi(cli);
  const id = await sagaId(api, reference);
  await confirm(async () => {
    const it = (await api.get(fill(paths.saga, { id }), saga)).value;
    return doomOfResolve(it, await hostnameOf(api, it));
  });
  await act(cli, api, fill(paths.sagaResolve, { id }), { reason: options.reason }, options);
}

async function releaseHold(cli: Cli, reference: string, options: EndOptions): Promise<void> {
  const confirm = confirmation(cli, options, `Letting saga ${reference} go on`);
  const api = await openApi(cli);
  const id = await sagaId(api, reference);
  await confirm(async () => {
    const it = (await api.get(fill(paths.saga, { id }), saga)).value;
    return doomOfRelease(it, await hostnameOf(api, it));
  });
  await act(cli, api, fill(paths.sagaReleaseHold, { id }), undefined, options);
}

const hostnameOf = async (api: Api, { deployment_id: id }: Saga): Promise<string | undefined> =>
  id === null ? undefined : (await api.get(fill(paths.deployment, { id }), deployment)).value.hostname;

async function retry(cli: Cli, reference: string, options: ShowOptions): Promise<void> {
  const api = await openApi(cli);
  await act(cli, api, fill(paths.sagaRetry, { id: await sagaId(api, reference) }), undefined, options);
}

async function act(cli: Cli, api: Api, path: string, body: object | undefined, options: ShowOptions): Promise<void> {
  show(cli, options, await api.post(path, saga, body), (it) => printSaga(cli, it));
}
