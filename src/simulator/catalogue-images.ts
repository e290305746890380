import { regionSlugs } from "./catalogue-regions.ts";

export interface Image {
  id: number;
  name: string;
  distribution: string;
  slug: string;
  regions: readonly string[];
  min_disk_size: number;
  size_gigabytes: number;
  [field: string]: unknown;
}

type Row = [id: number, slug: string, distribution: string, name: string, disk: number, gigabytes: number];

const rows: Row[] = [
  [195932981, "ubuntu-24-04-x64", "Ubuntu", "24.04 (LTS) x64", 7, 0.59],
  [194656893, "ubuntu-22-04-x64", "Ubuntu", "22.04 (LTS) x64", 7, 0.69],
  [193479120, "debian-12-x64", "Debian", "12 x64", 7, 0.51],
  [202871214, "debian-13-x64", "Debian", "13 x64", 7, 0.53],
  [196123051, "fedora-42-x64", "Fedora", "42 x64", 7, 0.83],
  [193480552, "rockylinux-9-x64", "Rocky Linux", "9 x64", 10, 1.36],
  [181093611, "centos-stream-9-x64", "CentOS", "9 Stream x64", 10, 1.91],
];

export const images: readonly Image[] = rows.map(([id, slug, distribution, name, min_disk_size, size_gigabytes]) => ({
  id,
  name,
  distribution,
  slug,
  public: true,
  regions: regionSlugs,
  created_at: "2026-01-15T12:00:00Z",
  min_disk_size,
  type: "base",
  size_gigabytes,
  description: `${distribution} ${name}`,
  tags: [],
  status: "available",
  error_message: "",
}));
