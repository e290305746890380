/** Whether a hostname lies in the zone; the zone's own name does too. Both are normalised. */
export const isInZone = (hostname: string, zone: string): boolean => hostname === zone || hostname.endsWith(`.${zone}`);

/** Whether a tenant may use the hostname: any without patterns, else an exact one, or `*.suffix` by one or more labels. */
export const isAllowed = (hostname: string, patterns: readonly string[]): boolean =>
  patterns.length === 0 ||
  patterns.some((pattern) => (pattern.startsWith("*.") ? hostname.endsWith(pattern.slice(1)) : hostname === pattern));
