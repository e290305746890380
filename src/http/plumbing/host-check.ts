import { BlockList, isIP, isIPv6 } from "node:net";
import type { onRequestHookHandler } from "fastify";
import { HttpProblem } from "./problem.ts";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** However the address is written: `::1` has many ways, and one of IPv4 may stand in one of IPv6. */
const isLoopback = (host: string): boolean =>
  isIP(host) === 0 ? host === "localhost" : loopback.check(host, isIPv6(host) ? "ipv6" : "ipv4");

/** A host as a request names it: lower case, IPv6 in brackets, without the dot at its end. */
const named = (host: string): string => (isIPv6(host) ? `[${host}]` : host).toLowerCase().replace(/\.$/, "");

/**
 * On loopback, only requests to a loopback name, or to the name that the world knows us by, are answered: a page of
 * another site that had its own name resolve to this machine (DNS rebinding) still sends that name. Listening elsewhere,
 * the names are the operator's. What a trusted proxy forwards counts as the name that was asked for.
 * @param listeningOn as it is configured; where the server has an address by now, that one tells
 */
export function checkHost(listeningOn: string, publicUrl?: string): onRequestHookHandler {
  const known = publicUrl === undefined ? undefined : named(new URL(publicUrl).hostname);
  const names = new Set(["localhost", "127.0.0.1", "[::1]", named(listeningOn), known]);
  return function (request, _reply, done) {
    const address = this.server.address();
    const host = named(request.host.replace(/:\d{1,5}$/, ""));
    if (!isLoopback(typeof address === "object" && address ? address.address : listeningOn) || names.has(host)) done();
    else
      done(
        new HttpProblem(
          "misdirected_request",
          `This server answers for ${known ?? "localhost"}, not for "${host.slice(0, 100)}". ` +
            "Behind a proxy, set ARCADIA_PUBLIC_URL to the name that it is reached by",
        ),
      );
  };
}
