import type { FastifyRequest } from "fastify";
import type { ProblemCode } from "#api/problem.ts";
import { recordAudit } from "#audit/queries.ts";
import type { Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import type { Ids } from "#ids.ts";
import type { Log } from "#log.ts";
import type { App } from "./app.ts";
import type { Caller } from "./caller.ts";
import { addressOf } from "./limit-requests.ts";

declare module "fastify" {
  interface FastifyReply {
    /** Why the request was refused, if it was. */
    problem: ProblemCode | null;
  }
}

const audited: ReadonlySet<number> = new Set([401, 403, 421]);
const windowMs = 60_000;
/** Kinds of refusals that are told apart in a minute, of one token, or of all who have none. */
const mostKinds = 20;

interface Refused {
  readonly code: ProblemCode;
  readonly caller: Caller | null;
  readonly route: string | null;
  readonly address: string | null;
  readonly requestId: string | null;
}

/**
 * Audits what is refused for want of the right: 401, 403 and 421. The first of its kind in a minute, by token or
 * address, is written before it is answered. Those that follow it are counted, and written as one row once the minute
 * is over: a flood makes as many rows as a trickle, at most 41 in a minute of a token, or of all who have none.
 */
export function auditRefusals(
  app: App,
  { db, clock, ids, log }: { readonly db: Db; readonly clock: Clock; readonly ids: Ids; readonly log: Log },
): void {
  app.decorateReply("problem", null);
  const closing = new AbortController();
  let kinds = new Map<string, { refused: Refused; more: number }>();
  let kindsOf = new Map<string, number>();
  const windows = new Set<Promise<void>>();

  const write = async ({ code, caller, route, address, requestId }: Refused, count: number) => {
    await db
      .transaction()
      .execute((tx) =>
        recordAudit(tx, {
          id: ids.uuid(),
          at: clock.now(),
          token_id: caller?.tokenId ?? null,
          subject: caller?.name ?? "unknown",
          action: "request.refused",
          object_type: "request",
          object_id: null,
          tenant_id: caller?.tenantId ?? null,
          request_id: requestId,
          address,
          detail: { code, route, count },
        }),
      )
      .catch((error: unknown) =>
        log.warn({ err: error, code, count }, "A refusal could not be written to the audit log"),
      );
  };
  const endOfWindow = async () => {
    await clock.sleep(windowMs, closing.signal).catch(() => undefined);
    const ended = kinds;
    kinds = new Map();
    kindsOf = new Map();
    for (const { refused, more } of ended.values()) if (more > 0) await write(refused, more);
  };
  const openWindow = () => {
    const one = endOfWindow().finally(() => windows.delete(one));
    windows.add(one);
  };
  const note = async (request: FastifyRequest, code: ProblemCode) => {
    const { caller } = request;
    if (kinds.size === 0) openWindow();
    const route = request.routeOptions.url === undefined ? null : `${request.method} ${request.routeOptions.url}`;
    const who = caller?.tokenId ?? "";
    const kind = `${who} ${code} ${caller ? route : addressOf(request)}`;
    const isRest = !kinds.has(kind) && (kindsOf.get(who) ?? 0) >= mostKinds;
    const known = kinds.get(isRest ? who : kind);
    if (known) {
      known.more += 1;
      return;
    }
    const refused = { code, caller, route, address: request.ip, requestId: request.id };
    if (isRest) {
      kinds.set(who, { refused: { ...refused, route: null, address: null, requestId: null }, more: 1 });
      return;
    }
    kindsOf.set(who, (kindsOf.get(who) ?? 0) + 1);
    kinds.set(kind, { refused, more: 0 });
    await write(refused, 1);
  };

  app.addHook("onSend", async (request, reply) => {
    if (reply.problem && audited.has(reply.statusCode)) await note(request, reply.problem);
  });
  app.addHook("onClose", async () => {
    closing.abort();
    await Promise.all(windows);
  });
}
