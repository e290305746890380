import type { Command } from "commander";
import { z } from "zod";
import { fill, paths } from "#api/paths.ts";
import { type Release, release } from "#api/releases.ts";
import { type NewVolume, toldVolume } from "#api/volume.ts";
import { openApi } from "#cli/api/client.ts";
import { list } from "#cli/api/pages.ts";
import { type Cli, say } from "#cli/cli.ts";
import { type ConfirmOptions, confirmation, withConfirm } from "#cli/input/confirm.ts";
import { healthCheckOf } from "#cli/input/health-check.ts";
import { collectKeys, idOrSlug, readUserData } from "#cli/input/option-values.ts";
import { volumeOf } from "#cli/input/volume.ts";
import { toldCheck } from "#cli/output/health-check.ts";
import { type Column, type ListOptions, showList, withList } from "#cli/output/list.ts";
import { printable } from "#cli/output/printable.ts";
import { show, showOne, type ShowOptions, withShow } from "#cli/output/show.ts";
import { printFields } from "#cli/output/table.ts";
import { relative } from "#cli/output/time.ts";

export function releases(program: Command, cli: Cli): void {
  const group = program.command("releases");
  withList(group.command("list", { isDefault: true }))
    .description("list the releases, newest first")
    .option("--search <text>", "whose name holds it")
    .action((options: ListOptions & { search?: string }) => listReleases(cli, options));
  group
    .command("create <name>")
    .description("make a release; it is never changed, a new one gets a new name")
    .requiredOption("--image <slug or id>", "from what", idOrSlug)
    .option("--size <slug>", "how big, where a deployment does not say")
    .option("--ssh-key <id or fingerprint>", "who may log in; repeatable", collectKeys)
    .option("--user-data <file>", "what the first boot runs, - for stdin; sealed, and never shown again")
    .option("--health-check <check>", "http:PORT/PATH, https:PORT/PATH, tcp:PORT, or the API's JSON")
    .option("--monitoring", "with DigitalOcean's metrics agent")
    .option("--ipv6", "with an IPv6 address too")
    .option("--backups", "with DigitalOcean's backups, which are billed")
    .option("--vpc <uuid>", "in this VPC, which lies in one region")
    .option("--stateless", "nothing on the droplet's own disk is missed when it is replaced")
    .option("--rollback-safe", "the app before can go on with the data that this one has written")
    .option("--volume <GiB>", "a disk for the data that outlives the droplet, 50 or 50:xfs", volumeOf)
    .option("--reserved-ip", "with an address that outlives the droplet, where a deployment does not say")
    .option("--json", "print JSON")
    .action((name: string, options: CreateOptions) => create(cli, name, options));
  withShow(group.command("get <name>"))
    .description("show a release, but never its user_data")
    .action((name: string, options: ShowOptions) => get(cli, name, options));
  withConfirm(group.command("delete <name>"))
    .description("delete a release that nothing runs")
    .action((name: string, options: ConfirmOptions) => remove(cli, name, options));
}

async function listReleases(cli: Cli, options: ListOptions & { search?: string }): Promise<void> {
  const answer = await list(await openApi(cli), paths.releases, release, { q: options.search }, options);
  await showList(cli, options, answer, columns(cli.clock.now()), (it) => it.name);
}

const columns = (now: Date): Column<Release>[] => [
  { name: "name", cell: (it) => it.name },
  { name: "image", cell: (it) => it.image },
  { name: "size", cell: (it) => it.size_slug, spare: 2 },
  { name: "health check", cell: (it) => it.health_check && toldCheck(it.health_check), spare: 1 },
  { name: "created", cell: (it) => relative(it.created_at, now), key: (it) => it.created_at, spare: 3 },
];

type CreateOptions = ShowOptions & {
  image: string | number;
  size?: string;
  sshKey?: readonly (string | number)[];
  userData?: string;
  healthCheck?: string;
  monitoring?: boolean;
  ipv6?: boolean;
  backups?: boolean;
  vpc?: string;
  stateless?: boolean;
  rollbackSafe?: boolean;
  volume?: Partial<NewVolume>;
  reservedIp?: boolean;
};

async function create(cli: Cli, name: string, options: CreateOptions): Promise<void> {
  const { image, size, sshKey = [], healthCheck, monitoring, ipv6, backups, vpc, stateless, volume } = options;
  const user_data = await readUserData(cli, options.userData);
  const health_check = healthCheck === undefined ? undefined : healthCheckOf(healthCheck);
  const api = await openApi(cli);
  const body = { name, image, size_slug: size, ssh_keys: sshKey, user_data, health_check, vpc_uuid: vpc };
  const { reservedIp: reserved_ip, rollbackSafe: rollback_safe } = options;
  const features = { monitoring, ipv6, backups, stateless, rollback_safe, volume, reserved_ip };
  const answer = await api.post(paths.releases, release, { ...body, ...features });
  show(cli, options, answer, (it) => print(cli, it));
}

async function get(cli: Cli, name: string, options: ShowOptions): Promise<void> {
  const api = await openApi(cli);
  await showOne(cli, options, await api.get(fill(paths.release, { name }), release), (it) => print(cli, it));
}

async function remove(cli: Cli, name: string, options: ConfirmOptions): Promise<void> {
  const confirm = confirmation(cli, options, `Deleting release ${name}`);
  const api = await openApi(cli);
  await confirm(async () => {
    const { value } = await api.get(fill(paths.release, { name }), release);
    const lines = ["Its user_data goes too. While a deployment that did not end is of it, it is refused"];
    return { title: `This deletes the release ${value.name}, for good:`, lines, word: value.name, what: "name" };
  });
  await api.delete(fill(paths.release, { name }), z.unknown());
  say(cli.stdout, `Release ${printable(name)} is deleted`);
}

function print(cli: Cli, it: Release): void {
  const features = (["monitoring", "ipv6", "backups", "stateless", "rollback_safe", "reserved_ip"] as const).filter(
    (name) => it[name],
  );
  printFields(cli.stdout, {
    release: it.name,
    image: it.image,
    size: it.size_slug ?? "the deployment says",
    "ssh keys": it.ssh_keys.join(" "),
    "user data": it.has_user_data ? "sealed" : "none",
    "health check": it.health_check ? toldCheck(it.health_check) : "none",
    features: features.join(" "),
    volume: it.volume && toldVolume(it.volume),
    vpc: it.vpc_uuid,
    created: relative(it.created_at, cli.clock.now()),
  });
}
