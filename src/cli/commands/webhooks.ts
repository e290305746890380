import type { Command } from "commander";
import { z } from "zod";
import { fill, paths } from "#api/paths.ts";
import { createdWebhook, delivery, type Delivery, deliveryStatuses, type Webhook, webhook } from "#api/webhooks.ts";
import { type Api, openApi } from "#cli/api/client.ts";
import { deliveryOf, idOf, kinds } from "#cli/api/find-by-id.ts";
import { tenantId } from "#cli/api/find-tenant.ts";
import { list } from "#cli/api/pages.ts";
import { type Cli, say } from "#cli/cli.ts";
import { NotFound } from "#cli/failure.ts";
import { type ConfirmOptions, confirmation, withConfirm } from "#cli/input/confirm.ts";
import { type Column, type ListOptions, showList, withList } from "#cli/output/list.ts";
import { printable } from "#cli/output/printable.ts";
import { type ShowOptions, show } from "#cli/output/show.ts";
import { relative } from "#cli/output/time.ts";
import { collect } from "#cli/input/option-values.ts";

export function webhooks(program: Command, cli: Cli): void {
  const group = program.command("webhooks");
  withList(group.command("list", { isDefault: true }))
    .description("list the webhooks, never their secrets")
    .action((options: ListOptions) => listWebhooks(cli, options));
  group
    .command("create <url>")
    .description("make a webhook; its signing secret is shown this once")
    .option("--event <pattern>", "such as deployment.active or saga.*; repeatable (every event)", collect)
    .option("--tenant <tenant>", "send it events of this tenant only; slug or id")
    .option("--description <text>", "what it is for")
    .option("--json", "print JSON")
    .action((url: string, options: CreateOptions) => create(cli, url, options));
  for (const [name, enabled] of [
    ["enable", true],
    ["disable", false],
  ] as const)
    group
      .command(`${name} <webhook>`)
      .description(enabled ? "send it events again, from now on" : "send it nothing more")
      .action((id: string) => change(cli, id, enabled));
  withConfirm(group.command("delete <webhook>"))
    .description("delete it, with its log")
    .action((id: string, options: ConfirmOptions) => remove(cli, id, options));
  withList(group.command("deliveries <webhook>"))
    .description("what was sent, newest first, and how it was answered")
    .option("--status <statuses>", `any of these, with commas: ${deliveryStatuses.join(", ")}`)
    .action((id: string, options: ListOptions & { status?: string }) => deliveries(cli, id, options));
  group
    .command("redeliver <webhook> <delivery>")
    .description("deliver it again, whatever became of it; both by their ids, or how these begin")
    .option("--json", "print JSON")
    .action((id: string, delivered: string, options: ShowOptions) => redeliver(cli, id, delivered, options));
}

async function listWebhooks(cli: Cli, options: ListOptions): Promise<void> {
  const answer = await list(await openApi(cli), paths.webhooks, webhook, {}, options);
  await showList(cli, options, answer, webhookColumns, (it) => it.id);
}

const webhookColumns: readonly Column<Webhook>[] = [
  { name: "url", cell: (it) => printable(it.url) },
  { name: "events", cell: (it) => it.events.join(","), spare: 2 },
  { name: "state", cell: (it) => (it.enabled ? (it.failing_since ? "failing" : "enabled") : "disabled") },
  { name: "tenant", cell: (it) => it.tenant_id ?? "all", spare: 3 },
  { name: "reason", cell: (it) => it.disabled_reason && printable(it.disabled_reason), spare: 1, isText: true },
  // Other commands find it by nothing else.
  { name: "id", cell: (it) => it.id, isId: true },
];

type CreateOptions = ShowOptions & { event?: string[]; tenant?: string; description?: string };

async function create(cli: Cli, url: string, options: CreateOptions): Promise<void> {
  const { event, tenant, description } = options;
  const api = await openApi(cli);
  const tenant_id = tenant === undefined ? undefined : await tenantId(api, tenant);
  const body = { url, tenant_id, description, ...(event && { events: event }) };
  const answer = await api.post(paths.webhooks, createdWebhook, body);
  show(cli, options, answer, (it) => {
    say(cli.stderr, `Webhook ${it.id}. Keep its signing secret: it is shown this once.`);
    say(cli.stdout, it.secret);
  });
}

async function webhookId(api: Api, reference: string): Promise<string> {
  const found = await idOf(api, kinds.webhook, reference);
  if (found === undefined) throw new NotFound(`There is no webhook ${printable(reference)}; see arcadia webhooks list`);
  return found;
}

async function change(cli: Cli, reference: string, enabled: boolean): Promise<void> {
  const api = await openApi(cli);
  const id = await webhookId(api, reference);
  await api.patch(fill(paths.webhook, { id }), webhook, { enabled });
  say(cli.stdout, `Webhook ${printable(reference)} is ${enabled ? "enabled" : "disabled"}`);
}

const hosted = (word: string) => ({ word, what: "receiver's host" });

async function remove(cli: Cli, reference: string, options: ConfirmOptions): Promise<void> {
  const confirm = confirmation(cli, options, `Deleting webhook ${reference}`);
  const api = await openApi(cli);
  const id = await webhookId(api, reference);
  await confirm(async () => {
    const { url } = (await api.get(fill(paths.webhook, { id }), webhook)).value;
    const lines = ["It is told nothing any more, and the log of what was delivered to it goes too"];
    return { title: `This deletes the webhook to ${url}, for good:`, lines, ...hosted(new URL(url).host) };
  });
  await api.delete(fill(paths.webhook, { id }), z.unknown());
  say(cli.stdout, `Webhook ${printable(reference)} is deleted`);
}

async function deliveries(cli: Cli, reference: string, options: ListOptions & { status?: string }): Promise<void> {
  const api = await openApi(cli);
  const path = fill(paths.webhookDeliveries, { id: await webhookId(api, reference) });
  const answer = await list(api, path, delivery, { status: options.status }, options);
  await showList(cli, options, answer, deliveryColumns(cli.clock.now()), (it) => it.id);
}

const deliveryColumns = (now: Date): Column<Delivery>[] => [
  { name: "event", cell: (it) => it.type },
  { name: "status", cell: (it) => it.status },
  { name: "tries", cell: (it) => it.attempts.length, spare: 2 },
  { name: "last answer", cell: lastAnswer, spare: 1 },
  { name: "happened", cell: (it) => relative(it.at, now), key: (it) => it.at, spare: 4 },
  { name: "next try", cell: (it) => relative(it.next_attempt_at, now), key: (it) => it.next_attempt_at, spare: 3 },
  { name: "id", cell: (it) => it.id, isId: true },
];

function lastAnswer({ attempts }: Delivery): string | null {
  const last = attempts.at(-1);
  if (!last) return null;
  const said = last.status === null ? printable(last.error ?? "none") : `${last.status}`;
  return `${said} in ${last.duration_ms} ms`;
}

async function redeliver(cli: Cli, reference: string, delivered: string, options: ShowOptions): Promise<void> {
  const api = await openApi(cli);
  const id = await webhookId(api, reference);
  const delivery_id = await idOf(api, deliveryOf(id), delivered);
  if (delivery_id === undefined) {
    const those = `arcadia webhooks deliveries ${printable(reference)}`;
    throw new NotFound(`Webhook ${printable(reference)} has no delivery ${printable(delivered)}; see ${those}`);
  }
  const answer = await api.post(fill(paths.webhookRedeliver, { id, delivery_id }), delivery);
  show(cli, options, answer, (it) => say(cli.stdout, `${it.type} is delivered again`));
}
