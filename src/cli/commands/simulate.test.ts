import { Command } from "commander";
import { expect, test } from "vitest";
import { simulate } from "./simulate.ts";

test.each([
  "--port x",
  "--port 70000",
  "--rate-limits some",
  "--colour red",
  "--seed",
  "--get-lag-ms soon",
  "--host a/b",
  "--owner nobody",
  "--public-url api.digitalocean.com",
  "--public-url ftp://api.digitalocean.com",
  "--public-url https://api.digitalocean.com/v2",
  "--public-url https://me:secret@api.digitalocean.com",
  "--tls-cert only.pem",
  "--tls-key only.pem",
])("simulate %s is a usage error that names the option", async (line) => {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  simulate(program);
  const [option] = line.split(" ");
  await expect(program.parseAsync(["simulate", ...line.split(" ")], { from: "user" })).rejects.toThrow(option);
});
