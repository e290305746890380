/** Whether a tenant may use the hostname: any without patterns, else an exact one, or `*.suffix` by one or more labels. */
export const isAllowed = (hostname: string, patterns: readonly string[]): boolean =>
  patterns.length === 0 ||
  patterns.some((pattern) => (pattern.startsWith("*.") ? hostname.endsWith(pattern.slice(1)) : hostname === pattern));

/** Why no deployment can have this hostname, if that is so. `zone` undefined: none is configured. */
export function zoneFault(hostname: string, zone: string | undefined): string | undefined {
  if (zone === undefined) return "no zone for hostnames is configured: set ARCADIA_DOMAIN and restart";
  const inZone = hostname === zone || hostname.endsWith(`.${zone}`);
  return inZone ? undefined : `${hostname} is outside the zone ${zone}`;
}
