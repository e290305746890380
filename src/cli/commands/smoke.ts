import type { Command } from "commander";
import { paths } from "#api/paths.ts";
import { catalogue, provider } from "#api/provider.ts";
import { type Api, openApi } from "#cli/api/client.ts";
import { type Cli, say } from "#cli/cli.ts";
import { Failure, UsageError } from "#cli/failure.ts";
import { printJson, type ShowOptions } from "#cli/output/show.ts";
import { billing, cost, dollars, hourlyPrice } from "#cli/smoke/cost.ts";
import { openProofs } from "#cli/smoke/proofs.ts";
import { proveLifecycle } from "#cli/smoke/prove.ts";

type SmokeOptions = ShowOptions & {
  region: string;
  size: string;
  image: string;
  yes?: boolean;
  simulatedOk?: boolean;
};

export function smoke(program: Command, cli: Cli): void {
  program
    .command("smoke")
    .option("--region <slug>", "where", "syd1")
    .option("--size <slug>", "how big", "s-1vcpu-512mb-10gb")
    .option("--image <slug>", "from what", "ubuntu-24-04-x64")
    .option("--yes", "do it; without, only say what would be done and what it costs")
    .option("--simulated-ok", "also against the simulator, which proves nothing about the real account")
    .option("--json", "print the proofs as JSON at the end; the steps go to stderr")
    .action((options: SmokeOptions) => run(cli, options));
}

async function run(cli: Cli, options: SmokeOptions): Promise<void> {
  const api = await openApi(cli);
  await refuseSimulator(api, options);
  const { region, size, image } = options;
  const hourly = hourlyPrice((await api.get(paths.catalogue, catalogue)).value, size, region);
  if (!options.yes)
    throw new UsageError(
      `This would make one real ${size} droplet from ${image} in ${region} and destroy it again, for about ` +
        `${dollars(cost(hourly, 0))} (${dollars(hourly)} an hour, ${billing}). Add --yes to do it`,
    );
  const proofs = openProofs(cli, options.json ?? false);
  const seconds = await proveLifecycle(
    { cli, api, proofs, json: options.json ?? false },
    { region, size_slug: size, image },
  );
  const paid = seconds === 0 ? 0 : cost(hourly, seconds);
  const detail = `${Math.round(seconds)} s at ${dollars(hourly)} an hour, ${billing}`;
  if (options.json) printJson(cli, { proofs: proofs.all, cost_usd: paid, seconds });
  else say(cli.stdout, `cost    ${dollars(paid)}: ${detail}`);
  const failed = proofs.all.filter((it) => !it.ok);
  if (failed.length > 0) throw new Failure(`${failed.length} of ${proofs.all.length} proofs failed`);
  if (!options.json) say(cli.stdout, `All ${proofs.all.length} proofs hold`);
}

async function refuseSimulator(api: Api, { simulatedOk }: SmokeOptions): Promise<void> {
  const { value } = await api.get(paths.provider, provider);
  if (value.simulated && !simulatedOk)
    throw new UsageError(
      "The server runs against its simulator: start it with DIGITALOCEAN_TOKEN set, or add --simulated-ok to rehearse",
    );
}
