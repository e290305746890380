import { type Command, Option } from "commander";
import { z } from "zod";
import { deployment } from "#api/deployments.ts";
import {
  contractOf,
  type OperationField,
  type OperationName,
  operationNames,
  type OperationPreview,
  operationPreview,
  snapshot,
} from "#api/operations.ts";
import { fill, paths } from "#api/paths.ts";
import { toldUsd } from "#usd.ts";
import { openApi } from "#cli/api/client.ts";
import { deploymentId } from "#cli/api/find-deployment.ts";
import { list } from "#cli/api/pages.ts";
import { type Cli, say } from "#cli/cli.ts";
import { type ConfirmOptions, confirmation, withConfirm } from "#cli/input/confirm.ts";
import { collectPairs } from "#cli/input/pairs.ts";
import { idOrSlug, wholeNumber } from "#cli/input/option-values.ts";
import { type ListOptions, showList, withList } from "#cli/output/list.ts";
import { show, type ShowOptions } from "#cli/output/show.ts";
import { sayPoints } from "#cli/output/points.ts";
import { relative } from "#cli/output/time.ts";
import { showDeployment } from "#cli/watch/watch-deployment.ts";

type Options = ShowOptions & ConfirmOptions & { preview?: boolean; watch?: boolean } & Record<string, unknown>;

/** A command for each thing that can be asked of an active deployment, all of them alike. */
export function operations(group: Command, cli: Cli): void {
  for (const name of operationNames) operation(group, cli, name);
  withList(group.command("snapshots <deployment>"))
    .description("list the snapshots of its droplet and its volume, newest first")
    .action((reference: string, options: ListOptions) => snapshots(cli, reference, options));
}

function operation(group: Command, cli: Cli, name: OperationName): void {
  const { summary, fields, body, isFinal } = contractOf(name);
  const command = group.command(`${name} <deployment>`);
  command.description(`${summary.charAt(0).toLowerCase()}${summary.slice(1)}, by id, hostname or name`);
  for (const [key, field] of Object.entries(fields)) {
    const option = new Option(field.option, field.help);
    if (field.kind !== "flag") option.argParser<unknown>((value, before) => parse(field, value, before));
    const isNeeded = !body.shape[key]?.safeParse(undefined).success;
    command.addOption(isNeeded ? option.makeOptionMandatory() : option);
  }
  command
    .option("--preview", "say what it would do, and start nothing")
    .option("--watch", "show the steps until it ends");
  (isFinal ? withConfirm(command) : command)
    .option("--json", "print JSON")
    .action((reference: string, options: Options) => operate(cli, name, reference, options));
}

/** Of its text; a flag has none. */
const parse = ({ kind }: OperationField, value: string, before: unknown): unknown => {
  if (kind === "number") return wholeNumber(value);
  if (kind === "pairs") return collectPairs(value, pairs.parse(before));
  return kind === "image" ? idOrSlug(value) : value;
};
const pairs = z.record(z.string(), z.string()).optional();

async function operate(cli: Cli, name: OperationName, reference: string, options: Options): Promise<void> {
  const { title, fields, isFinal } = contractOf(name);
  const confirm = isFinal && !options.preview ? confirmation(cli, options, `${title} of ${reference}`) : undefined;
  const api = await openApi(cli);
  const id = await deploymentId(api, reference);
  const given = Object.entries(fields).map(([key, { option, help }]) => {
    const value = options[new Option(option, help).attributeName()];
    return [key, value] as const;
  });
  const body = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  const path = fill(paths.deploymentOperation, { id, operation: name });
  const preview = () => api.post(`${path}?preview=true`, operationPreview, body);
  if (options.preview) return show(cli, options, await preview(), (it) => printPreview(cli, it));
  await confirm?.(async () => {
    const { value } = await preview();
    return {
      title: `${title} of ${value.hostname}:`,
      lines: [...linesOf(value)],
      word: value.hostname,
      what: "hostname",
    };
  });
  await showDeployment(cli, api, await api.post(path, deployment, body), options);
}

function printPreview(cli: Cli, preview: OperationPreview): void {
  say(cli.stdout, `${contractOf(preview.operation).title} of ${preview.hostname} would do this; nothing was started:`);
  sayPoints(cli.stdout, linesOf(preview));
}

function* linesOf({ does, cannot_undo: lost, interruption, monthly_usd: price }: OperationPreview): Iterable<string> {
  yield* does;
  for (const what of lost) yield `For good: ${what}`;
  yield interruption === null ? "It goes on answering meanwhile" : `It does not answer ${interruption}`;
  if (price) yield `It costs ${usd(price.after)} a month, today ${usd(price.before)}`;
}

const usd = (amount: number | null): string => (amount === null ? "an unknown price" : toldUsd(amount));

async function snapshots(cli: Cli, reference: string, options: ListOptions): Promise<void> {
  const api = await openApi(cli);
  const path = fill(paths.deploymentSnapshots, { id: await deploymentId(api, reference) });
  const now = cli.clock.now();
  await showList(
    cli,
    options,
    await list(api, path, snapshot, {}, options),
    [
      { name: "name", cell: (it) => it.name },
      { name: "of", cell: (it) => (it.of === "volume" ? "volume" : it.image), spare: 1 },
      { name: "GiB", cell: (it) => it.size_gib?.toString() ?? null, spare: 4 },
      { name: "taken", cell: (it) => relative(it.created_at, now), key: (it) => it.created_at },
      { name: "kept until", cell: (it) => relative(it.expires_at, now), key: (it) => it.expires_at, spare: 2 },
      { name: "id", cell: (it) => it.id, spare: 3 },
    ],
    (it) => it.name,
  );
}
