import { BlockList, isIP, isIPv6 } from "node:net";

/** Of IPv4, what is not the public Internet: IANA's special-purpose registry, and multicast. */
const ipv4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

/** Of IPv6 only 2000::/3 is public at all; these lie in it and lead elsewhere (Teredo, 6to4) or nowhere. */
const ipv6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const internal = new BlockList();
for (const [network, bits] of ipv4) internal.addSubnet(network, bits, "ipv4");
for (const [network, bits] of ipv6) internal.addSubnet(network, bits, "ipv6");
const global = new BlockList();
global.addSubnet("2000::", 3, "ipv6");

/** Whether the address is on the public Internet: not loopback, private, link-local, multicast or reserved. */
export function isPublic(address: string): boolean {
  if (isIPv6(address)) return global.check(address, "ipv6") && !internal.check(address, "ipv6");
  return isIP(address) === 4 && !internal.check(address, "ipv4");
}
