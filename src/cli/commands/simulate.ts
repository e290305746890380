import { type Command, InvalidArgumentError, Option } from "commander";
import { wholeNumber } from "#cli/input/option-values.ts";

interface SimulateOptions {
  port: number;
  bootMs: number;
  lagMs: number;
  seed?: number;
  calm: boolean;
  rateLimits: "real" | "off";
  token?: string;
  domain: string;
  stateFile?: string;
}

export function simulate(program: Command): void {
  program
    .command("simulate")
    .description("run the DigitalOcean simulator on 127.0.0.1")
    .option("--port <n>", "where to listen, 0 for a free port", port, 4010)
    .option("--boot-ms <n>", "from a create to active", wholeNumber, 3000)
    .option("--lag-ms <n>", "the most that lists, GETs, tags and addresses lag", wholeNumber, 1500)
    .option("--seed <n>", "the same seed and calls give the same account", wholeNumber)
    .option("--calm", "no surprises: only the boot takes time", false)
    .addOption(new Option("--rate-limits <mode>", "the request limits").choices(["real", "off"]).default("real"))
    .option("--token <token>", "the only token accepted (any)", token)
    .option("--domain <name>", "the zone held at the start", zone, "example.com")
    .option("--state-file <path>", "keep the account over restarts")
    .action(async (options: SimulateOptions) => {
      const main = await import("#main/simulate.ts");
      await main.simulate(options);
    });
}

function port(value: string): number {
  const number = wholeNumber(value);
  if (number > 65_535) throw new InvalidArgumentError("A port is at most 65535.");
  return number;
}

function token(value: string): string {
  if (!/^[\x21-\x7e]+$/.test(value)) throw new InvalidArgumentError("It is printable ASCII without spaces.");
  return value;
}

function zone(value: string): string {
  if (!/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i.test(value))
    throw new InvalidArgumentError("It is a domain name, like example.com.");
  return value;
}
