import type { Command } from "commander";
import { fill, paths } from "#api/paths.ts";
import { catalogue } from "#api/provider.ts";
import { release } from "#api/releases.ts";
import { ApiError } from "#cli/api/api-error.ts";
import type { Api } from "#cli/api/client.ts";
import { UsageError } from "#cli/failure.ts";
import { collectKeys, idOrSlug } from "./option-values.ts";

export interface SpecOptions {
  readonly region?: string;
  readonly size?: string;
  readonly image?: string | number;
  readonly sshKey?: readonly (string | number)[];
  readonly userData?: string;
}

const defaults = { region: "nyc3", size: "s-1vcpu-1gb", image: "ubuntu-24-04-x64" } as const;

/** The options that say what droplet is wanted. */
export const withSpec = (command: Command): Command =>
  command
    .option("--region <slug>", `where (${defaults.region}, if the provider has it)`)
    .option("--size <slug>", `how big (${defaults.size}, if the provider has it)`)
    .option("--image <slug or id>", `from what (${defaults.image}, if the provider has it)`, idOrSlug)
    .option("--ssh-key <id or fingerprint>", "who may log in; repeatable", collectKeys)
    .option("--user-data <file>", "what its first boot runs, - for stdin; sealed, and never shown again");

/**
 * What the API takes, with the defaults filled in where nothing says otherwise, as a release may. What was asked for in so
 * many words is judged by the API.
 * @throws {UsageError} when a default is not in the provider's catalogue
 */
export async function specOf(api: Api, { region, size, image, sshKey = [] }: SpecOptions, of?: string) {
  const needsSize = size === undefined && (of === undefined || (await namesNoSize(api, of)));
  const needsImage = image === undefined && of === undefined;
  const isMissing = region === undefined || needsSize || needsImage;
  const has = isMissing ? (await api.get(paths.catalogue, catalogue)).value : undefined;
  return {
    region: region ?? orDefault("region", has?.regions),
    ssh_keys: sshKey,
    size_slug: needsSize ? orDefault("size", has?.sizes) : size,
    image: needsImage ? orDefault("image", has?.images) : image,
    release: of,
  };
}

/** Of one that there is not the API says so. */
async function namesNoSize(api: Api, name: string): Promise<boolean> {
  try {
    return (await api.get(fill(paths.release, { name }), release)).value.size_slug === null;
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) return false;
    throw error;
  }
}

/** A catalogue that was not read yet refuses nothing. */
function orDefault(option: keyof typeof defaults, entries: readonly { readonly slug: string }[] = []): string {
  const slug = defaults[option];
  if (entries.length === 0 || entries.some((it) => it.slug === slug)) return slug;
  const known = entries.map((it) => it.slug).slice(0, 20);
  throw new UsageError(`--${option} is needed: the provider has no ${slug}. It has ${known.join(", ")}`);
}
