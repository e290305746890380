import { paths } from "#api/paths.ts";
import { provider } from "#api/provider.ts";
import { type Resource, resource, syncRequested } from "#api/resources.ts";
import type { Api } from "#cli/api/client.ts";
import { list } from "#cli/api/pages.ts";
import type { Cli } from "#cli/cli.ts";
import { Failure } from "#cli/failure.ts";

const syncMs = 120_000;

/** What the account holds, by an inventory sync that began after this call. */
export async function readAccount(cli: Cli, api: Api): Promise<ReadonlyMap<number, Resource>> {
  const asked = (await api.post(paths.inventorySync, syncRequested)).value.requested_at;
  const deadline = cli.clock.now().getTime() + syncMs;
  for (;;) {
    const { value } = await api.get(paths.provider, provider);
    if (value.inventory_read_at !== null && value.inventory_read_at >= asked) break;
    if (cli.clock.now().getTime() > deadline)
      throw new Failure(`No worker has read the account within ${syncMs / 1000} s; the provider is ${value.status}`);
    await cli.clock.sleep(500);
  }
  const { value } = await list(api, paths.resources, resource, {}, { all: true });
  return new Map(value.items.map((it) => [it.provider_id, it]));
}
