import { expect, test } from "vitest";
import { terraformOf } from "./terraform.ts";

const droplet = {
  provider_id: 17,
  name: "web-1",
  region: "syd1",
  size_slug: "s-1vcpu-1gb",
  image: "debian-13-x64",
  tags: ["customers", 'odd "${tag}" %{x}'],
};
const record = { id: 5, zone: "example.com", type: "A", name: "app.example.com", data: "203.0.113.1", ttl: 300 };

/** What the provider's own schema has (resource_droplet.go, resource_reserved_ip.go, resource_record.go), as far as it can be written. */
const schema: Record<string, readonly string[]> = {
  digitalocean_droplet:
    "image name region size graceful_shutdown resize_disk backups backup_policy ipv6 ipv6_address ssh_keys user_data volume_ids monitoring droplet_agent tags vpc_uuid".split(
      " ",
    ),
  digitalocean_reserved_ip: ["droplet_id", "ip_address", "region"],
  digitalocean_record: "type domain name port priority weight ttl value flags tag".split(" "),
};
const required: Record<string, readonly string[]> = {
  digitalocean_droplet: ["image", "name", "size"],
  digitalocean_reserved_ip: ["region"],
  digitalocean_record: ["type", "domain", "name", "value"],
};

test("every resource is imported, has what the provider's schema asks for, and nothing else", () => {
  const apex = { ...record, id: 6, name: "example.com", ttl: null };
  const hcl = terraformOf([
    {
      hostname: "app.example.com",
      droplet,
      records: [record, apex],
      reservedIps: [{ ip: "203.0.113.1", region: "syd1" }],
    },
    { hostname: "app-example.com", droplet: { ...droplet, provider_id: 18 }, records: [], reservedIps: [] },
  ]);
  const resources = [
    ...hcl.matchAll(/^resource "(\w+)" "([a-z]\w*)" \{\n([^]*?)\n\n {2}lifecycle \{\n([^]*?)\n {2}\}\n\}$/gm),
  ];
  const imports = [...hcl.matchAll(/^import \{\n {2}to = (\S+)\n {2}id = "(.+)"\n\}$/gm)].map(([, to, id]) => [to, id]);
  expect(imports).toEqual([
    ["digitalocean_droplet.d_app_example_com", "17"],
    ["digitalocean_reserved_ip.d_app_example_com", "203.0.113.1"],
    ["digitalocean_record.d_app_example_com", "example.com,5"],
    ["digitalocean_record.d_app_example_com_2", "example.com,6"],
    ["digitalocean_droplet.d_app_example_com_18", "18"],
  ]);
  expect(resources.map(([, type, label]) => `${type}.${label}`)).toEqual(imports.map(([to]) => to));
  for (const [, type = "", , body = "", lifecycle = ""] of resources) {
    const names = body.split("\n").map((line) => /^ {2}(\w+) += \S/.exec(line)?.[1] ?? line);
    for (const name of names) expect(schema[type]).toContain(name);
    expect(names).toEqual(expect.arrayContaining([...(required[type] ?? [])]));
    const [, ignored = ""] = /ignore_changes += \[(.*)\]/.exec(lifecycle) ?? [];
    for (const name of ignored.split(", ").filter(Boolean)) expect(schema[type]).toContain(name);
    expect(lifecycle).toContain("prevent_destroy = true");
  }
  expect(hcl).toContain('  name   = "@"\n');
  expect(hcl).toContain('tags   = ["customers", "odd \\"$${tag}\\" %%{x}"]');
  expect(hcl).toContain("  ttl    = 300\n");
});
