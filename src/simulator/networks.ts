import type { Account, Droplet } from "./account-state.ts";

const hostsPerSubnet = 253;

/** 198.18.0.0/15 is set aside for test networks (RFC 2544) and holds 129,536 addresses counted this way. */
function octets(index: number): { subnet: number; third: number; host: number } {
  const block = Math.floor(index / hostsPerSubnet);
  return { subnet: block >> 8, third: block & 255, host: 2 + (index % hostsPerSubnet) };
}

export function publicAddress(index: number): string {
  const { subnet, third, host } = octets(index);
  return `198.${18 + subnet}.${third}.${host}`;
}

export const takeAddress = (account: Account): number => account.freeAddresses.pop() ?? account.nextAddress++;

export interface Networks {
  v4: object[];
  v6: object[];
}

/**
 * As DigitalOcean sends them: netmask a string in v4 and a number in v6, the private address often first. A reserved IP
 * that leads to the droplet is one more public address (godo#343); nobody promises which of the two comes first.
 */
export function networksOf(droplet: Droplet, now: number, calm: boolean, reserved?: string): Networks {
  if (now < droplet.activeAt) return { v4: [], v6: [] };
  const { subnet, third, host } = octets(droplet.address);
  const inside = {
    ip_address: `10.${10 + subnet}.${third}.${host}`,
    netmask: "255.255.0.0",
    gateway: "nil",
    type: "private",
  };
  if (now < droplet.addressAt || !droplet.publicNetworking) return { v4: [inside], v6: [] };
  const outside = {
    ip_address: publicAddress(droplet.address),
    netmask: "255.255.255.0",
    gateway: `198.${18 + subnet}.${third}.1`,
    type: "public",
  };
  const v6 = droplet.features.includes("ipv6")
    ? [
        {
          ip_address: `2001:db8::${third.toString(16)}:${host.toString(16)}`,
          netmask: 64,
          gateway: "2001:db8::1",
          type: "public",
        },
      ]
    : [];
  const also = reserved === undefined ? [] : [{ ...outside, ip_address: reserved }];
  return { v4: calm ? [outside, inside, ...also] : [...also, inside, outside], v6 };
}
