import { type Deployment, type DeploymentStatus, deployment } from "#api/deployments.ts";
import { fill, paths } from "#api/paths.ts";
import { hasEnded } from "#saga-ended.ts";
import type { Answer, Api } from "#cli/api/client.ts";
import { type Cli, say } from "#cli/cli.ts";
import { Failure } from "#cli/failure.ts";
import { shownStatus } from "#cli/output/deployment.ts";
import { printJson, type ShowOptions } from "#cli/output/show.ts";
import { status } from "#cli/output/status.ts";
import { conclude, watchSaga } from "./watch-saga.ts";

export interface WatchOptions extends ShowOptions {
  /** The status that counts as success, however its saga ends. Without it, the saga must complete. */
  readonly goal?: DeploymentStatus;
}

/** Shows a deployment after something was asked of it; with `watch`, until its saga has ended. */
export async function showDeployment(
  cli: Cli,
  api: Api,
  asked: Answer<Deployment>,
  options: WatchOptions & { readonly watch?: boolean },
): Promise<void> {
  const it = asked.value;
  const runs = it.saga !== null && !hasEnded(it.saga.status);
  if (options.watch && runs) return watchDeployment(cli, api, it, options);
  if (options.json) return printJson(cli, asked.json);
  say(cli.stdout, summary(cli, it));
  say(cli.stdout, `  deployment  ${it.id}`);
  if (it.saga) say(cli.stdout, `  saga        ${it.saga.id}`);
  if (runs) say(cli.stdout, `See it happen: arcadia deployments watch ${it.id}`);
  if (it.status === "pending") say(cli.stdout, `Start it: arcadia deployments provision ${it.id}`);
}

/** Shows the steps of its newest saga until that has ended. @throws {Failure} unless it went well */
export async function watchDeployment(cli: Cli, api: Api, it: Deployment, options: WatchOptions): Promise<void> {
  if (!it.saga) throw new Failure(`${it.hostname} is ${it.status} and has no saga to watch`);
  if (!options.json) say(cli.stdout, summary(cli, it));
  const ended = await watchSaga(cli, api, it.saga, options);
  const after = await api.get(fill(paths.deployment, { id: it.id }), deployment);
  if (options.json) printJson(cli, after.json);
  const address = after.value.status === "active" ? after.value.resource?.public_ipv4 : undefined;
  const where = address ? ` at ${address}` : "";
  const done = `${it.hostname} is ${status(cli.stdout, shownStatus(after.value))}${where}`;
  if (after.value.status !== options.goal) conclude(cli, ended, options, done);
  else if (!options.json) say(cli.stdout, done);
}

/** What it is, and what has been asked of it where that runs. */
const summary = (cli: Cli, it: Deployment): string =>
  `${it.hostname} (${it.size_slug}, ${it.image}, in ${it.region}) is ${status(cli.stdout, shownStatus(it))}` +
  (it.operation ? `; ${it.operation} runs` : "");
