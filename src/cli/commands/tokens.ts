import { Option, type Command } from "commander";
import { z } from "zod";
import { fill, paths } from "#api/paths.ts";
import { createdToken, roles, type Token, token } from "#api/tokens.ts";
import { openApi } from "#cli/api/client.ts";
import { idOf, kinds } from "#cli/api/find-by-id.ts";
import { tenantId, tenantSlugs } from "#cli/api/find-tenant.ts";
import { list } from "#cli/api/pages.ts";
import { type Cli, say } from "#cli/cli.ts";
import { NotFound, UsageError } from "#cli/failure.ts";
import { type ConfirmOptions, confirmation, withConfirm } from "#cli/input/confirm.ts";
import { type Column, isForPeople, type ListOptions, showList, withList } from "#cli/output/list.ts";
import { printable } from "#cli/output/printable.ts";
import { type ShowOptions, show } from "#cli/output/show.ts";
import { relative } from "#cli/output/time.ts";

export function tokens(program: Command, cli: Cli): void {
  const group = program.command("tokens");
  withList(group.command("list", { isDefault: true }))
    .description("list the tokens, never their secrets")
    .action((options: ListOptions) => listTokens(cli, options));
  group
    .command("create <name>")
    .description("make a token; its secret is shown this once")
    .addOption(new Option("--role <role>", "what it may do").choices(roles).default("operator"))
    .option("--tenant <tenant>", "limit it to this tenant; slug or id")
    .option("--expires <when>", "an ISO time, or from now: 12h, 30d")
    .option("--json", "print JSON")
    .action((name: string, options: CreateOptions) => create(cli, name, options));
  withConfirm(group.command("revoke <token>"))
    .description("end a token, and every stream that it has open")
    .action((reference: string, options: ConfirmOptions) => revoke(cli, reference, options));
}

async function listTokens(cli: Cli, options: ListOptions): Promise<void> {
  const api = await openApi(cli);
  const answer = await list(api, paths.tokens, token, {}, options);
  const ids = answer.value.items.map((it) => it.tenant_id);
  const slugs = isForPeople(options) ? await tenantSlugs(api, ids) : new Map<string | null, string>();
  await showList(cli, options, answer, columns(cli.clock.now(), slugs), (it) => it.id);
}

const columns = (now: Date, slugs: ReadonlyMap<string | null, string>): Column<Token>[] => [
  { name: "name", cell: (it) => printable(it.name) },
  { name: "role", cell: (it) => it.role },
  { name: "tenant", cell: (it) => (it.tenant_id === null ? "all" : (slugs.get(it.tenant_id) ?? it.tenant_id)) },
  { name: "state", cell: (it) => stateOf(it, now) },
  { name: "expires", cell: (it) => relative(it.expires_at, now), key: (it) => it.expires_at, spare: 2 },
  { name: "last used", cell: (it) => relative(it.last_used_at, now), key: (it) => it.last_used_at, spare: 1 },
  { name: "id", cell: (it) => it.id, isId: true },
];

function stateOf({ revoked_at: revoked, expires_at: expires }: Token, now: Date): string {
  if (revoked !== null) return "revoked";
  return expires !== null && Date.parse(expires) <= now.getTime() ? "expired" : "valid";
}

type CreateOptions = ShowOptions & { role: string; tenant?: string; expires?: string };

async function create(cli: Cli, name: string, options: CreateOptions): Promise<void> {
  const expires_at = options.expires === undefined ? undefined : expiry(options.expires, cli.clock.now());
  const api = await openApi(cli);
  const tenant_id = options.tenant === undefined ? undefined : await tenantId(api, options.tenant);
  const answer = await api.post(paths.tokens, createdToken, { name, role: options.role, tenant_id, expires_at });
  show(cli, options, answer, (it) => {
    say(cli.stderr, `Token ${printable(it.name)} (${it.role}, ${it.id}). Keep it: it is shown this once.`);
    say(cli.stdout, it.token);
  });
}

const named = (word: string) => ({ word, what: "token's name" });

const spans: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function expiry(when: string, now: Date): string {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(when) ?? [];
  if (count !== undefined && unit !== undefined)
    return new Date(now.getTime() + Number(count) * (spans[unit] ?? 0)).toISOString();
  const at = z.iso.datetime({ offset: true }).safeParse(when);
  if (at.success) return at.data;
  throw new UsageError("--expires is an ISO time such as 2027-01-31T00:00:00Z, or a span such as 12h or 30d");
}

async function revoke(cli: Cli, reference: string, options: ConfirmOptions): Promise<void> {
  const confirm = confirmation(cli, options, `Revoking token ${reference}`);
  const api = await openApi(cli);
  const id = await idOf(api, kinds.token, reference);
  if (id === undefined) throw new NotFound(`There is no token ${printable(reference)}; see arcadia tokens list`);
  await confirm(async () => {
    const { value } = await list(api, paths.tokens, token, {}, { all: true });
    const found = value.items.find((it) => it.id === id);
    if (!found) throw new NotFound(`There is no token ${printable(id)}; see arcadia tokens list`);
    const lines = ["Whoever works with it is refused from now on, and its event streams end"];
    return { title: `This revokes the ${found.role} token ${found.name}, for good:`, lines, ...named(found.name) };
  });
  await api.delete(fill(paths.token, { id }), z.unknown());
  say(cli.stdout, `Token ${printable(id)} is revoked`);
}
