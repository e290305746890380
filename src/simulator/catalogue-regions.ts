const names = {
  nyc1: "New York 1",
  nyc3: "New York 3",
  sfo3: "San Francisco 3",
  ams3: "Amsterdam 3",
  fra1: "Frankfurt 1",
  lon1: "London 1",
  sgp1: "Singapore 1",
  blr1: "Bangalore 1",
  tor1: "Toronto 1",
  syd1: "Sydney 1",
};

export const regionNames: ReadonlyMap<string, string> = new Map(Object.entries(names));
export const regionSlugs: readonly string[] = Object.keys(names);
export const regionFeatures = ["backups", "ipv6", "metadata", "install_agent", "storage", "image_transfer"];
