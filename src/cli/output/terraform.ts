/** A droplet and what leads to it, as Terraform is told of them. */
export interface Exported {
  readonly hostname: string;
  readonly droplet: {
    readonly provider_id: number;
    readonly name: string;
    readonly region: string;
    readonly size_slug: string;
    readonly image: string;
    readonly tags: readonly string[];
  };
  readonly records: readonly {
    readonly id: number;
    readonly zone: string;
    readonly type: string;
    /** In full. */
    readonly name: string;
    readonly data: string;
    readonly ttl: number | null;
  }[];
  readonly reservedIps: readonly { readonly ip: string; readonly region: string }[];
}

/**
 * What Terraform cannot read back, or would make another droplet for where it was set when the droplet was made: the
 * provider's defaults say false where nothing is written (its `monitoring` and `image` force a new one).
 */
const ignored = ["backups", "image", "ipv6", "monitoring", "ssh_keys", "user_data"];

const head = `# Written by arcadia export terraform. Terraform 1.5 or newer: run "terraform plan" first, it should say that all is
# imported and nothing is added, changed or destroyed. Arcadia does not know of this state: let one of the two manage them.
terraform {
  required_version = ">= 1.5"
  required_providers {
    digitalocean = {
      source  = "digitalocean/digitalocean"
      version = ">= 2.0"
    }
  }
}
`;

/** Configuration in HCL, with an import for everything that is there. */
export function terraformOf(all: readonly Exported[]): string {
  const labels = new Set<string>();
  const blocks = all.flatMap(({ hostname, droplet, records, reservedIps }) => {
    const label = labelOf(hostname, droplet.provider_id, labels);
    return [
      ...imported("digitalocean_droplet", label, String(droplet.provider_id), [
        ["image", text(droplet.image)],
        ["name", text(droplet.name)],
        ["region", text(droplet.region)],
        ["size", text(droplet.size_slug)],
        ["tags", `[${droplet.tags.map(text).join(", ")}]`],
      ]),
      ...reservedIps.flatMap(({ ip, region }) =>
        imported("digitalocean_reserved_ip", label, ip, [
          ["droplet_id", `digitalocean_droplet.${label}.id`],
          ["region", text(region)],
        ]),
      ),
      ...records.flatMap((record, at) =>
        imported("digitalocean_record", at === 0 ? label : `${label}_${at + 1}`, `${record.zone},${record.id}`, [
          ["domain", text(record.zone)],
          ["type", text(record.type)],
          ["name", text(relative(record.name, record.zone))],
          ["value", text(record.data)],
          ...(record.ttl === null ? [] : [["ttl", String(record.ttl)] as const]),
        ]),
      ),
    ];
  });
  return [head, ...blocks].join("\n");
}

/** Letters, digits and underscores; another where two hostnames would have the same. */
function labelOf(hostname: string, id: number, taken: Set<string>): string {
  const plain = `d_${hostname.toLowerCase().replaceAll(/[^a-z0-9]/g, "_")}`;
  const label = taken.has(plain) ? `${plain}_${id}` : plain;
  taken.add(label);
  return label;
}

function imported(type: string, label: string, id: string, attributes: readonly (readonly [string, string])[]) {
  const width = Math.max(...attributes.map(([name]) => name.length));
  const lines = attributes.map(([name, value]) => `  ${name.padEnd(width)} = ${value}\n`).join("");
  const kept = type === "digitalocean_droplet" ? `    ignore_changes  = [${ignored.join(", ")}]\n` : "";
  return [
    `import {\n  to = ${type}.${label}\n  id = ${text(id)}\n}\n`,
    `resource "${type}" "${label}" {\n${lines}\n  lifecycle {\n    prevent_destroy = true\n${kept}  }\n}\n`,
  ];
}

const relative = (name: string, zone: string): string => (name === zone ? "@" : name.slice(0, -(zone.length + 1)));

/** As HCL quotes: a template begins nowhere. */
const text = (value: string): string => JSON.stringify(value).replaceAll("${", "$$${").replaceAll("%{", "%%{");
