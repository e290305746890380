import type { Command } from "commander";
import { deployment } from "#api/deployments.ts";
import { fill, paths } from "#api/paths.ts";
import { openApi } from "#cli/api/client.ts";
import { deploymentId } from "#cli/api/find-deployment.ts";
import { tenantSlugs } from "#cli/api/find-tenant.ts";
import type { Cli } from "#cli/cli.ts";
import { UsageError } from "#cli/failure.ts";
import { healthCheckOf } from "#cli/input/health-check.ts";
import { collect } from "#cli/input/option-values.ts";
import { collectPairs, labelsOf, readVariables } from "#cli/input/pairs.ts";
import { printDeployment } from "#cli/output/deployment.ts";
import { type ShowOptions, show } from "#cli/output/show.ts";

type UpdateOptions = ShowOptions & {
  label?: Record<string, string>;
  labels: boolean;
  variable?: Record<string, string>;
  variables?: string;
  unset?: readonly string[];
  healthCheck?: string | false;
  protect?: boolean;
};

/** Adds the command that changes what may be changed of a deployment at any time. */
export function updating(group: Command, cli: Cli): void {
  group
    .command("update <deployment>")
    .description(
      "change its labels and protection at once; its variables and health check for the droplet that it gets next",
    )
    .option("--label <key=value>", "its labels, in the place of those that it has; repeatable", collectPairs)
    .option("--no-labels", "drop its labels")
    .option("--variable <NAME=value>", "set this one, the others stay; repeatable", collectPairs)
    .option("--variables <file>", "the same from a file in JSON, - for stdin")
    .option("--unset <NAME>", "remove this variable; repeatable", collect)
    .option("--health-check <check>", "http:PORT/PATH, https:PORT/PATH, tcp:PORT, or the API's JSON")
    .option("--no-health-check", "drop its own: its release's, if there is one, is its again")
    .option("--protect", "let nobody destroy it, or write its disk anew")
    .option("--no-protect", "lift that; needs an admin")
    .option("--json", "print JSON")
    .action((reference: string, options: UpdateOptions) => update(cli, reference, options));
}

async function update(cli: Cli, reference: string, options: UpdateOptions): Promise<void> {
  const { healthCheck, unset = [] } = options;
  const removed = Object.fromEntries(unset.map((name) => [name, null]));
  const variables = { ...(await readVariables(cli, options.variables)), ...options.variable, ...removed };
  const change = {
    labels: labelsOf(options),
    variables: Object.keys(variables).length > 0 ? variables : undefined,
    protected: options.protect,
    health_check: healthCheck === false ? null : healthCheck === undefined ? undefined : healthCheckOf(healthCheck),
  };
  if (Object.values(change).every((it) => it === undefined))
    throw new UsageError("nothing to change: give --label, --variable, --unset, --protect or --health-check");
  const api = await openApi(cli);
  const id = await deploymentId(api, reference);
  const answer = await api.patch(fill(paths.deployment, { id }), deployment, change);
  const slugs = options.json ? new Map<string, string>() : await tenantSlugs(api, [answer.value.tenant_id]);
  show(cli, options, answer, (it) => printDeployment(cli, it, slugs.get(it.tenant_id)));
}
