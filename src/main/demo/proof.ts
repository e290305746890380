import { secondsBetween, systemClock } from "#clock.ts";
import type { Deployment } from "./api.ts";
import type { ProviderTruth } from "./simulator.ts";

const expected = new Map([
  ["acme", "active"],
  ["globex", "active"],
  ["initech", "cancelled"],
]);

/**
 * Compares what we say with what the provider holds, and prints both.
 * @param asked what acme's hostname answered while its droplet was replaced
 * @returns whether all is as it should be
 */
export function prove(
  ended: readonly Deployment[],
  truth: ProviderTruth,
  asked: readonly string[],
  startedAt: Date,
  say: (line: string) => void,
): boolean {
  const records = truth.domains.flatMap((domain) => domain.records).filter((record) => record.type === "A");
  const row = (...cells: string[]) => `  ${cells.map((cell, index) => cell.padEnd([9, 26, 11][index] ?? 0)).join(" ")}`;
  say("\nWhat we say:");
  say(row("TENANT", "HOSTNAME", "STATUS", "ADDRESS"));
  for (const it of ended) {
    say(row(it.name, it.hostname, it.status, it.resource?.public_ipv4 ?? "-"));
    if (it.reason) say(`            because of ${it.reason}`);
  }
  say("\nWhat the provider has:");
  for (const droplet of truth.droplets)
    say(`  droplet ${droplet.id}  ${droplet.name}  ${droplet.status}  ${droplet.public_ipv4}`);
  for (const { address, release, answers } of truth.apps)
    say(`  app     http://${address}/ answers ${answers}${release === null ? "" : `, release ${release}`}`);
  for (const record of records) say(`  record  A ${record.name} -> ${record.data}`);
  say(
    `  made ${truth.created_total} droplets and destroyed ${truth.destroyed_total}, in ${truth.requests.total} requests`,
  );

  const checks: [string, boolean][] = [
    ["every deployment ended as it should", ended.every((it) => expected.get(it.name) === it.status)],
    [
      "two droplets are there, both ours and active",
      truth.droplets.length === 2 && truth.droplets.every((it) => it.status === "active"),
    ],
    [
      "two records are there, each leading to its own deployment's droplet",
      records.length === 2 &&
        ended
          .filter((it) => it.status === "active")
          .every((it) =>
            records.some(
              (record) => record.data === it.resource?.public_ipv4 && it.hostname.startsWith(`${record.name}.`),
            ),
          ),
    ],
    [
      "acme's app is web-2, and web-3, which never became healthy, is nowhere",
      ended.some((it) => {
        const app = truth.apps.find(({ address }) => address === it.resource?.public_ipv4);
        return it.name === "acme" && it.release === "web-2" && app?.release === "web-2";
      }),
    ],
    [
      `acme's hostname was answered each of the ${asked.length} times, by web-1 and then by web-2`,
      asked.length > 50 && /^(web-1 )+(web-2 )+$/.test(asked.map((answer) => `${answer} `).join("")),
    ],
    [
      "of what rolled back, and of what was replaced, nothing is left",
      truth.created_total === 5 && truth.destroyed_total === 3,
    ],
  ];
  say("\nProof:");
  for (const [what, holds] of checks) say(`  ${holds ? "ok     " : "FAILED "} ${what}`);
  const fine = checks.every(([, holds]) => holds);
  say(
    `\n${fine ? "All as it should be" : "NOT as it should be"}, after ${secondsBetween(startedAt, systemClock.now()).toFixed(1)} s.`,
  );
  return fine;
}
