import type { onRequestHookHandler } from "fastify";
import { HttpProblem } from "./problem.ts";

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host.toLowerCase());

/**
 * On loopback, only requests to a loopback name, or to the name that the world knows us by, are answered: a page of
 * another site that had its own name resolve to this machine (DNS rebinding) still sends that name. Listening elsewhere,
 * the names are the operator's. What a trusted proxy forwards counts as the name that was asked for.
 */
export function checkHost(listeningOn: string, publicUrl?: string): onRequestHookHandler {
  const own = bracketed(listeningOn);
  const onLoopback = loopback.has(own) || own.startsWith("127.");
  const names = new Set([...loopback, own, ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname])]);
  return (request, _reply, done) => {
    const host = request.host
      .toLowerCase()
      .replace(/:\d{1,5}$/, "")
      .replace(/\.$/, "");
    if (!onLoopback || names.has(host)) done();
    else
      done(
        new HttpProblem(
          "misdirected_request",
          `This server answers for ${publicUrl ? new URL(publicUrl).hostname : "localhost"}, not for "${host.slice(0, 100)}". ` +
            "Behind a proxy, set ARCADIA_PUBLIC_URL to the name that it is reached by",
        ),
      );
  };
}
