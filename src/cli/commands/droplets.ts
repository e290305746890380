import type { Command } from "commander";
import { fill, paths } from "#api/paths.ts";
import { resource } from "#api/resources.ts";
import { saga, type Saga, startedSaga } from "#api/sagas.ts";
import { type Answer, type Api, openApi } from "#cli/api/client.ts";
import { list } from "#cli/api/pages.ts";
import { type Cli, say } from "#cli/cli.ts";
import { type ConfirmOptions, confirmation, withConfirm } from "#cli/input/confirm.ts";
import { doomOfDroplet } from "#cli/output/doom.ts";
import { printJson, type ShowOptions } from "#cli/output/show.ts";
import { conclude, watchSaga } from "#cli/watch/watch-saga.ts";
import { type SpecOptions, specOf, withSpec } from "#cli/input/droplet-spec.ts";
import { dropletId, readUserData } from "#cli/input/option-values.ts";

type StartOptions = ShowOptions & { watch?: boolean };
type DestroyOptions = StartOptions & ConfirmOptions & { unmanaged?: boolean };

export function droplets(program: Command, cli: Cli): void {
  const group = program.command("droplets");
  withSpec(group.command("create <name>"))
    .description("make a droplet")
    .option("--watch", "show the steps until it is active; exit status 1 when it is rolled back")
    .option("--json", "print JSON")
    .action((name: string, options: StartOptions & SpecOptions) => create(cli, name, options));
  withConfirm(group.command("destroy"))
    .argument("<droplet>", "its id at the provider", dropletId)
    .description("destroy a droplet that no deployment and no live saga owns")
    .option("--unmanaged", "also one that was not made here (admin)")
    .option("--watch", "show the steps until it is gone")
    .option("--json", "print JSON")
    .action((id: number, options: DestroyOptions) => destroy(cli, id, options));
}

async function create(cli: Cli, name: string, options: StartOptions & SpecOptions): Promise<void> {
  const user_data = await readUserData(cli, options.userData);
  const api = await openApi(cli);
  const body = { name, ...(await specOf(api, options)), user_data };
  await showStarted(cli, api, await api.post(paths.droplets, startedSaga, body), options, `Droplet ${name} is active`);
}

async function destroy(cli: Cli, id: number, options: DestroyOptions): Promise<void> {
  const confirm = confirmation(cli, options, `Destroying droplet ${id}`);
  const api = await openApi(cli);
  await confirm(async () => {
    const { value } = await list(api, paths.resources, resource, { provider_id: id }, {});
    return doomOfDroplet(id, value.items[0]);
  });
  const query = { unmanaged: options.unmanaged };
  const started = await api.delete(fill(paths.droplet, { provider_id: id }), startedSaga, query);
  await showStarted(cli, api, started, options, `Droplet ${id} is destroyed`);
}

async function showStarted(
  cli: Cli,
  api: Api,
  { value, json }: Answer<{ saga: Saga }>,
  options: StartOptions,
  done: string,
): Promise<void> {
  const { id, name } = value.saga;
  if (!options.watch) {
    if (options.json) return printJson(cli, json);
    say(cli.stdout, `${name} has started`);
    say(cli.stdout, `  saga  ${id}`);
    return say(cli.stdout, `See it happen: arcadia sagas watch ${id}`);
  }
  const ended = await watchSaga(cli, api, value.saga, options);
  if (options.json) printJson(cli, (await api.get(fill(paths.saga, { id }), saga)).json);
  conclude(cli, ended, options, done);
}
