import { type Command, InvalidArgumentError, Option } from "commander";
import { UsageError } from "#cli/failure.ts";
import { wholeNumber } from "#cli/input/option-values.ts";

interface Owner {
  user: string;
  team: string | null;
}

interface SimulateOptions {
  port: number;
  host: string;
  tlsCert?: string;
  tlsKey?: string;
  publicUrl?: string;
  bootMs: number;
  strangers?: boolean;
  appStartMs: number;
  lagMs: number;
  getLagMs: number;
  seed?: number;
  calm?: true;
  rateLimits: "real" | "off";
  token?: string;
  owner?: Record<string, Owner>;
  domain: string;
  stateFile?: string;
}

const controls = `
Control calls, which need no token and are not counted:
  GET    /_sim/state     what is true at the provider, without any lag
  GET    /_sim/faults    the faults that are armed
  POST   /_sim/faults    arm one: {"method", "path", "kind", "status", "times"}
  DELETE /_sim/faults    disarm them all
  GET    /_sim/settings  how long boots and apps take and how much lists lag
  PATCH  /_sim/settings  change that: {"boot_ms", "app_start_ms", "lag_ms",
                         "get_lag_ms"}
  GET    /_sim/apps      the apps on the droplets, and how they do
  POST   /_sim/apps      {"droplet_id" or "release", "state": "well", "sick",
                         "slow" or "never", "delay_ms"}
  DELETE /_sim/apps      they are all well again
  POST   /_sim/reset     back to an account that nobody has used

It is also an HTTP proxy, for the addresses of its droplets and nothing else:
curl -x http://127.0.0.1:4010 http://ADDRESS/ says the release's name.

For a client that can only call https://api.digitalocean.com: let that name lead
to this machine, and start with --port 443, --public-url
https://api.digitalocean.com, and the --tls-cert and --tls-key of a certificate
that the client trusts.

src/simulator/README.md lists the faults and the simulated operations.`;

export function simulate(program: Command): void {
  program
    .command("simulate")
    .option("--port <n>", "where to listen, 0 for a free port", port, 4010)
    .option("--host <name>", "the name or address to listen on; any but 127.0.0.1 lets others in", host, "127.0.0.1")
    .option("--tls-cert <path>", "speak HTTPS with this certificate, as PEM")
    .option("--tls-key <path>", "the certificate's key, as PEM")
    .option("--public-url <url>", "what its clients call it: links lead there, and its host is answered", publicUrl)
    .option("--strangers", "a stranger gets every address that is given back, at once")
    .option("--boot-ms <n>", "milliseconds from a create to active", wholeNumber, 3000)
    .option("--app-start-ms <n>", "milliseconds from then on until the app on a droplet answers", wholeNumber, 500)
    .option(
      "--lag-ms <n>",
      "the longest in milliseconds that lists, tags, addresses and deletions lag behind",
      wholeNumber,
      1500,
    )
    .option("--get-lag-ms <n>", "the longest in milliseconds that a new droplet is not found by its id", wholeNumber, 0)
    .option("--seed <n>", "the same seed and calls give the same account", wholeNumber)
    .option("--calm", "no surprises: only the boot takes time")
    .addOption(new Option("--rate-limits <mode>", "the request limits").choices(["real", "off"]).default("real"))
    .option("--token <token>", "the only token accepted (any)", token)
    .option("--owner <token=user/team>", "accept this token too, as this user's; repeatable", owner)
    .option("--domain <name>", "the zone held at the start", zone, "example.com")
    .option("--state-file <path>", "keep the account over restarts")
    .addHelpText("after", controls)
    .action(async (options: SimulateOptions) => {
      if ((options.tlsCert === undefined) !== (options.tlsKey === undefined))
        throw new UsageError("--tls-cert and --tls-key go together");
      const main = await import("#main/simulate.ts");
      const { owner: owners = {}, calm = false, ...rest } = options;
      await main.simulate({ ...rest, calm, owners });
    });
}

function port(value: string): number {
  const number = wholeNumber(value);
  if (number > 65_535) throw new InvalidArgumentError("A port is at most 65535.");
  return number;
}

function host(value: string): string {
  if (!/^[a-z0-9.:-]{1,253}$/i.test(value)) throw new InvalidArgumentError("It is a host name or an IP address.");
  return value;
}

function publicUrl(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:\/\/[^/]+$/.test(url.href.slice(0, -1)) || url.username !== "" || url.password !== "")
    throw new InvalidArgumentError("It is scheme and host, like https://api.digitalocean.com.");
  return url.origin;
}

function token(value: string): string {
  if (!/^[\x21-\x7e]+$/.test(value)) throw new InvalidArgumentError("It is printable ASCII without spaces.");
  return value;
}

/** `TOKEN=USER/TEAM`; `TOKEN=USER` is the user's own. */
function owner(value: string, before: Readonly<Record<string, Owner>> = {}): Record<string, Owner> {
  const [, ownToken, user, team = null] = /^([^=]+)=([^/=]+)(?:\/([^/=]+))?$/.exec(value) ?? [];
  if (ownToken === undefined || user === undefined)
    throw new InvalidArgumentError("It is TOKEN=USER/TEAM, or TOKEN=USER for the user's own account.");
  return { ...before, [ownToken]: { user, team } };
}

function zone(value: string): string {
  if (!/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i.test(value))
    throw new InvalidArgumentError("It is a domain name, like example.com.");
  return value;
}
