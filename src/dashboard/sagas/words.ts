/** `create_droplet`: Create droplet. */
export function plain(name: string): string {
  const words = plainName(name);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The same within a sentence. */
export const plainName = (name: string): string => name.replaceAll("_", " ").replace(/\bdns\b/, "DNS");
