import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { recordAudit } from "#audit/queries.ts";
import type { Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import type { JsonObject } from "#db/json.ts";
import type { Ids } from "#ids.ts";
import type { SecretBox } from "#secrets/secret-box.ts";
import { callerOf } from "./auth.ts";
import type { Caller } from "./caller.ts";
import { claimKey, type KeptAnswer, type KeyedRequest, keepAnswer } from "#tokens/idempotency.ts";

/** What a changing call works with: one transaction for all that it writes. */
export interface Change {
  readonly tx: Tx;
  readonly caller: Caller;
  readonly now: Date;
}

/** What a changing call answers, and how the audit log tells of it. */
export interface Changed {
  readonly status: 200 | 201 | 202 | 204;
  readonly body?: object;
  readonly location?: string;
  /** The body holds a secret: it is never stored. */
  readonly secret?: boolean;
  readonly audit: {
    readonly action: string;
    readonly object_type: string;
    readonly object_id: string | null;
    readonly tenant_id: string | null;
    readonly detail?: JsonObject;
  };
}

export type Changer = (
  request: FastifyRequest,
  reply: FastifyReply,
  work: (change: Change) => Promise<Changed>,
) => Promise<void>;

const plain = z.json();

/**
 * Runs a changing call: its work, its audit entry and the record under its Idempotency-Key commit together or not at
 * all. Only answers that changed something are kept: a refusal changed nothing, so asking again is safe.
 */
export function changer(deps: {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly secrets: SecretBox;
  readonly changed?: (() => void) | undefined;
}): Changer {
  const { db, clock, ids, secrets, changed: tellOf } = deps;
  return async (request, reply, work) => {
    const caller = callerOf(request);
    // A route that reads its body partly has only the faults of the body left to it.
    if (request.validationError && request.validationError.validationContext !== "body") throw request.validationError;
    const keyed = keyedRequest(request, caller, secrets);
    const outcome = await transact(db, async (tx) => {
      const now = clock.now();
      const first = keyed && (await claimKey(tx, keyed, now));
      if (first) return { answer: first, replayed: true };
      const changed = await work({ tx, caller, now });
      const { audit, secret, status, location, body } = changed;
      await recordAudit(tx, {
        ...audit,
        detail: audit.detail ?? null,
        id: ids.uuid(),
        at: now,
        token_id: caller.tokenId,
        subject: caller.name,
        request_id: request.id,
        address: request.ip,
      });
      const answer: KeptAnswer = { status, location, body: body && plain.parse(body) };
      if (keyed) await keepAnswer(tx, keyed, secret ? { ...answer, body: undefined } : answer, now);
      return { answer, replayed: false };
    });
    tellOf?.();
    const { answer, replayed } = outcome;
    if (answer.location) void reply.header("location", answer.location);
    if (replayed) void reply.header("idempotency-replayed", "true");
    await reply.code(answer.status).send(answer.body);
  };
}

function keyedRequest(request: FastifyRequest, caller: Caller, secrets: SecretBox): KeyedRequest | undefined {
  const key = request.headers["idempotency-key"];
  if (typeof key !== "string" || request.method !== "POST") return undefined;
  const path = request.url.split("?", 1)[0] ?? request.url;
  const hash = secrets.digest(JSON.stringify(request.body ?? null));
  return { token_id: caller.tokenId, method: request.method, path, key, hash };
}
