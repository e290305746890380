import { Command } from "commander";
import manifest from "../../package.json" with { type: "json" };
import type { Cli } from "./cli.ts";
import { refuseUnknownCommand } from "./input/unknown-command.ts";
import { wantsJson } from "./wants-json.ts";

interface CommandOfOurs {
  /** Its name, and what it takes. */
  readonly term: string;
  readonly description: string;
  /** Whether it takes options, beside --help. */
  readonly options?: true;
  readonly load: () => Promise<(program: Command, cli: Cli) => void>;
}

/** In the order in which the help lists them. Only the one that is asked for is loaded. */
const commands: readonly CommandOfOurs[] = [
  {
    term: "deploy",
    description: "give a tenant a droplet of its own behind a hostname",
    options: true,
    load: async () => (await import("./commands/deploy.ts")).deploy,
  },
  {
    term: "adopt",
    description:
      "make a deployment of a droplet that is there already, or of many; changes nothing of it but a tag (admin)",
    options: true,
    load: async () => (await import("./commands/adopt.ts")).adopt,
  },
  {
    term: "deployments",
    description: "the tenants' installations; arcadia deploy makes one",
    load: async () => (await import("./commands/deployments.ts")).deployments,
  },
  {
    term: "tenants",
    description: "the customers who are billed",
    load: async () => (await import("./commands/tenants.ts")).tenants,
  },
  {
    term: "releases",
    description: "what droplets run, under names that never mean another thing",
    load: async () => (await import("./commands/releases.ts")).releases,
  },
  {
    term: "droplets",
    description: "single droplets, without a deployment",
    load: async () => (await import("./commands/droplets.ts")).droplets,
  },
  {
    term: "sagas",
    description: "the durable runs behind everything that is made and destroyed",
    load: async () => (await import("./commands/sagas.ts")).sagas,
  },
  {
    term: "inventory",
    description: "the account's droplets as they were last seen",
    load: async () => (await import("./commands/inventory.ts")).inventory,
  },
  {
    term: "orphans",
    description: "list the droplets that carry our tag and that no live saga or deployment owns",
    options: true,
    load: async () => (await import("./commands/orphans.ts")).orphans,
  },
  {
    term: "tokens",
    description: "who may use the API, and as what",
    load: async () => (await import("./commands/tokens.ts")).tokens,
  },
  {
    term: "costs",
    description: "what the droplets have cost, the dearest first",
    options: true,
    load: async () => (await import("./commands/costs.ts")).costs,
  },
  {
    term: "audit",
    description: "who did what, newest first",
    options: true,
    load: async () => (await import("./commands/audit.ts")).audit,
  },
  {
    term: "export",
    description: "write the fleet for another tool: arcadia export terraform",
    load: async () => (await import("./commands/export.ts")).exports,
  },
  {
    term: "webhooks",
    description: "who is told when deployments and sagas change",
    load: async () => (await import("./commands/webhooks.ts")).webhooks,
  },
  {
    term: "smoke",
    description: "make and destroy one real droplet, proving every part; costs about a cent",
    options: true,
    load: async () => (await import("./commands/smoke.ts")).smoke,
  },
  {
    term: "demo",
    description: "three tenants in a simulated account, one of which fails and is rolled back; about 45 s",
    load: async () => (await import("./commands/demo.ts")).demo,
  },
  {
    term: "serve",
    description: "run the API, a worker and the dashboard, as npm start does, until SIGTERM or Ctrl-C",
    load: async () => (await import("./commands/serve.ts")).serve,
  },
  {
    term: "worker",
    description: "run one more worker on the database at DATABASE_URL, until SIGTERM or Ctrl-C",
    load: async () => (await import("./commands/worker.ts")).worker,
  },
  {
    term: "migrate",
    description: "bring the database at DATABASE_URL up to this release",
    load: async () => (await import("./commands/migrate.ts")).migrate,
  },
  {
    term: "backup <file>",
    description: "write the database and its secret key into one file, while the server runs or not",
    options: true,
    load: async () => (await import("./commands/backup.ts")).backup,
  },
  {
    term: "restore <file>",
    description: "restore a backup into an empty database; the server must be stopped",
    options: true,
    load: async () => (await import("./commands/restore.ts")).restore,
  },
  {
    term: "purge",
    description: "delete what is older than the settings keep it, as workers do by themselves; and of the audit log",
    options: true,
    load: async () => (await import("./commands/purge.ts")).purge,
  },
  {
    term: "simulate",
    description: "run the DigitalOcean simulator",
    options: true,
    load: async () => (await import("./commands/simulate.ts")).simulate,
  },
  {
    term: "prove",
    description:
      "prove with the simulator that no crash and no wrong answer leaves a droplet behind or makes one twice",
    options: true,
    load: async () => (await import("./commands/prove.ts")).prove,
  },
];

const help = `
The API is found at ARCADIA_API_URL, or else at HOST and PORT
(http://127.0.0.1:4000). The token is ARCADIA_API_TOKEN, or else the one that
the server wrote into $ARCADIA_DATA_DIR/admin-token (.arcadia/admin-token) when
it first started. It goes over plain http to this machine only, unless
ARCADIA_API_ALLOW_HTTP is true.

Exit status: 0 done, 1 the work failed or was rolled back, 2 wrong usage,
3 not allowed, 4 not found, 5 conflict, 6 the server cannot be reached,
130 interrupted. With --json, a failure is a problem in JSON (RFC 9457) on
stderr.`;

/**
 * The command line that is to be parsed by `args`: with the command that they name, and the others as the help lists them.
 * @throws {UsageError} for a command that there is not
 */
export async function buildProgram(cli: Cli, args: readonly string[]): Promise<Command> {
  const program = new Command("arcadia")
    .description("One dedicated DigitalOcean droplet per customer, provisioned as durable sagas")
    .version(manifest.version)
    .showHelpAfterError("(--help says more)")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void cli.stdout.write(text),
      // Where it is read by a program, what is wrong is told as a problem, by run.ts.
      writeErr: (text) => void (wantsJson(args) || cli.stderr.write(text)),
    })
    .addHelpText("after", help);
  for (const { term, description, options, load } of commands) {
    const [name = term] = term.split(" ");
    if (args.includes(name)) (await load())(program, cli);
    else listed(program.command(term), options === true);
    program.commands.at(-1)?.description(description);
  }
  refuseUnknownCommand(program, args);
  return program;
}

/** For the help's list alone, which says of a command with options that it has some. */
function listed(command: Command, hasOptions: boolean): void {
  if (hasOptions) command.option("--any");
}
