/** As small as the storms need it. */
export const regions = ["syd1", "fra1"];

export const sizes = [
  { slug: "s-1vcpu-1gb", memory: 1024, vcpus: 1, disk: 25, month: 6, hour: 0.008_93 },
  { slug: "s-1vcpu-2gb", memory: 2048, vcpus: 1, disk: 50, month: 12, hour: 0.017_86 },
  { slug: "s-2vcpu-2gb", memory: 2048, vcpus: 2, disk: 60, month: 18, hour: 0.026_79 },
];

export const images = [
  { id: 401, slug: "ubuntu-24-04-x64", distribution: "Ubuntu", name: "24.04 x64", disk: 7 },
  { id: 402, slug: "debian-13-x64", distribution: "Debian", name: "13 x64", disk: 10 },
];

export const regionView = (slug: string) => ({
  slug,
  name: slug.toUpperCase(),
  features: ["metadata", "backups"],
  available: true,
  sizes: sizes.map((it) => it.slug),
});

export function sizeView(slug: string) {
  const it = sizes.find((size) => size.slug === slug) ?? sizes[0]!;
  return {
    slug: it.slug,
    memory: it.memory,
    vcpus: it.vcpus,
    disk: it.disk,
    transfer: 1,
    price_monthly: it.month,
    price_hourly: it.hour,
    regions,
    available: true,
    description: "Basic",
  };
}

export function imageView(image: string) {
  const it = images.find(({ slug, id }) => slug === image || String(id) === image);
  return {
    id: it?.id ?? Number(image),
    name: it?.name ?? `snapshot ${image}`,
    type: "snapshot",
    distribution: it?.distribution ?? "Ubuntu",
    slug: it?.slug ?? null,
    public: it !== undefined,
    regions,
    created_at: "2026-01-01T00:00:00Z",
    min_disk_size: it?.disk ?? 25,
    size_gigabytes: 2.1,
    description: "",
    tags: [],
    status: "available",
    error_message: "",
  };
}
