import { type RawBuilder, sql } from "kysely";
import { z } from "zod";
import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import type { JsonValue } from "#db/json.ts";
import { Refusal } from "#refusal.ts";

/** One request under its Idempotency-Key. */
export interface KeyedRequest {
  readonly token_id: string;
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly hash: Buffer;
}

/** What a request was answered; `body` undefined: an answer that is not kept, because it holds a secret. */
export interface KeptAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: JsonValue | undefined;
}

const lifetime = 24 * 3_600_000;
const keptHeaders = z.object({ location: z.string().optional() });

/**
 * Takes the key for this transaction. The record is written in the transaction of the work it stands for: a crash or
 * a refusal leaves none, so the key is free again, and an answer that was given is always found.
 * @returns the first answer, when there was one in the last 24 hours
 * @throws {Refusal} `idempotency_in_flight`, `idempotency_key_reused`, `idempotency_answer_not_kept`
 */
export async function claimKey(tx: Tx, request: KeyedRequest, now: Date): Promise<KeptAnswer | undefined> {
  const { rows } = await sql<{ taken: boolean }>`select ${lockOf(request)} as taken`.execute(tx);
  if (!rows[0]?.taken)
    throw new Refusal(
      "idempotency_in_flight",
      "The first request with this Idempotency-Key is being worked on; ask again",
    );
  await forgetExpired(tx, after(now, -lifetime));
  const first = await tx
    .selectFrom("idempotency_keys")
    .selectAll()
    .where("token_id", "=", request.token_id)
    .where("method", "=", request.method)
    .where("path", "=", request.path)
    .where("key", "=", request.key)
    .where("created_at", ">", after(now, -lifetime))
    .executeTakeFirst();
  if (!first || first.status === null) return undefined;
  if (!first.request_hash.equals(request.hash))
    throw new Refusal("idempotency_key_reused", "This Idempotency-Key came with another body before; use a new key");
  const { location } = keptHeaders.parse(first.headers ?? {});
  if (first.body === null && first.status !== 204)
    throw new Refusal(
      "idempotency_answer_not_kept",
      `The first request with this key was done (${location ?? "its answer held a secret"}), and its answer is not kept: ` +
        "undo what it made and ask again with a new key",
    );
  return { status: first.status, location, body: first.body };
}

export async function keepAnswer(tx: Tx, request: KeyedRequest, answer: KeptAnswer, now: Date): Promise<void> {
  const { hash, ...scope } = request;
  await tx
    .insertInto("idempotency_keys")
    .values({
      ...scope,
      request_hash: hash,
      status: answer.status,
      headers: JSON.stringify({ location: answer.location }),
      body: answer.body === undefined ? null : JSON.stringify(answer.body),
      created_at: now,
    })
    .execute();
}

/** Held until the transaction ends, whether it commits, rolls back or dies. */
const lockOf = (request: KeyedRequest): RawBuilder<boolean> =>
  sql<boolean>`pg_try_advisory_xact_lock(hashtextextended(${JSON.stringify([
    "idempotency",
    request.token_id,
    request.method,
    request.path,
    request.key,
  ])}, 0))`;

/** A few at a time, and never waiting for another request that does the same. */
async function forgetExpired(tx: Tx, before: Date): Promise<void> {
  await sql`delete from idempotency_keys where ctid in (
    select ctid from idempotency_keys where created_at <= ${before} limit 100 for update skip locked)`.execute(tx);
}
