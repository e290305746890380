import type { onRequestHookHandler } from "fastify";
import { HttpProblem } from "./problem.ts";

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host.toLowerCase());

/**
 * On loopback, only requests to a loopback name are answered: a page of another site that had its own name resolve
 * to this machine (DNS rebinding) still sends that name. Listening elsewhere, the names are the operator's.
 */
export function checkHost(listeningOn: string): onRequestHookHandler {
  const own = bracketed(listeningOn);
  const onLoopback = loopback.has(own) || own.startsWith("127.");
  return (request, _reply, done) => {
    const host = (request.headers.host ?? "").toLowerCase().replace(/:\d{1,5}$/, "");
    if (!onLoopback || loopback.has(host) || host === own) done();
    else
      done(
        new HttpProblem("misdirected_request", `This server answers for localhost, not for "${host.slice(0, 100)}"`),
      );
  };
}
