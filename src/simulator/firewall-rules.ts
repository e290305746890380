import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { unprocessable } from "./errors.ts";
import type { Firewall, Rules, rulesShape } from "./firewall.ts";

/** The rules of a body, or the 422 for ports that are none. All ports, and those of ICMP, are told as `0`. */
export function rulesOf(sent: z.infer<typeof rulesShape>): Rules {
  return {
    inbound_rules: (sent.inbound_rules ?? []).map(withPorts),
    outbound_rules: (sent.outbound_rules ?? []).map(withPorts),
  };
}

function withPorts<T extends { protocol: string; ports: string }>(rule: T): T {
  if (rule.protocol === "icmp" || ["", "0", "all"].includes(rule.ports)) return { ...rule, ports: "0" };
  const [first = "", last = first, ...more] = rule.ports.split("-");
  const valid = [first, last].every((port) => /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535);
  if (!valid || more.length > 0 || Number(first) > Number(last))
    throw unprocessable(`ports ${rule.ports} are no port, no range and not all`);
  return rule;
}

/** Adds those that are not there yet. */
export function addRules(firewall: Firewall, rules: Rules): void {
  firewall.inbound_rules.push(...rules.inbound_rules.filter((rule) => !has(firewall.inbound_rules, rule)));
  firewall.outbound_rules.push(...rules.outbound_rules.filter((rule) => !has(firewall.outbound_rules, rule)));
}

/** Takes away those that are the same to the letter. */
export function removeRules(firewall: Firewall, rules: Rules): void {
  firewall.inbound_rules = firewall.inbound_rules.filter((rule) => !has(rules.inbound_rules, rule));
  firewall.outbound_rules = firewall.outbound_rules.filter((rule) => !has(rules.outbound_rules, rule));
}

const has = (rules: readonly unknown[], rule: unknown): boolean => rules.some((each) => isDeepStrictEqual(each, rule));
