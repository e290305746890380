import { Command } from "commander";
import manifest from "../../package.json" with { type: "json" };
import type { Cli } from "./cli.ts";
import { audit } from "./commands/audit.ts";
import { backup } from "./commands/backup.ts";
import { costs } from "./commands/costs.ts";
import { demo } from "./commands/demo.ts";
import { deploy } from "./commands/deploy.ts";
import { deployments } from "./commands/deployments.ts";
import { droplets } from "./commands/droplets.ts";
import { inventory } from "./commands/inventory.ts";
import { migrate } from "./commands/migrate.ts";
import { orphans } from "./commands/orphans.ts";
import { releases } from "./commands/releases.ts";
import { restore } from "./commands/restore.ts";
import { prove } from "./commands/prove.ts";
import { sagas } from "./commands/sagas.ts";
import { serve } from "./commands/serve.ts";
import { simulate } from "./commands/simulate.ts";
import { smoke } from "./commands/smoke.ts";
import { tenants } from "./commands/tenants.ts";
import { tokens } from "./commands/tokens.ts";
import { webhooks } from "./commands/webhooks.ts";
import { worker } from "./commands/worker.ts";

/** In the order in which the help lists them. */
const commands = [
  deploy,
  deployments,
  tenants,
  releases,
  droplets,
  sagas,
  inventory,
  orphans,
  tokens,
  costs,
  audit,
  webhooks,
  smoke,
  demo,
  serve,
  worker,
  migrate,
  backup,
  restore,
  simulate,
  prove,
];

const help = `
The API is found at ARCADIA_API_URL, or else at HOST and PORT
(http://127.0.0.1:4000). The token is ARCADIA_API_TOKEN, or else the one that
the server wrote into $ARCADIA_DATA_DIR/admin-token (.arcadia/admin-token) when
it first started.

Exit status: 0 done, 1 the work failed or was rolled back, 2 wrong usage,
3 not allowed, 4 not found, 5 conflict, 6 the server cannot be reached,
130 interrupted. With --json, a failure is a problem in JSON (RFC 9457) on
stderr.`;

/** Every command, ready to parse a command line. */
export function buildProgram(cli: Cli): Command {
  const program = new Command("arcadia")
    .description("One dedicated DigitalOcean droplet per customer, provisioned as durable sagas")
    .version(manifest.version)
    .showHelpAfterError("(--help says more)")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void cli.stdout.write(text),
      writeErr: (text) => void cli.stderr.write(text),
    })
    .addHelpText("after", help);
  for (const add of commands) add(program, cli);
  return program;
}
