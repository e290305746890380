import type { KyselyPlugin, QueryId } from "kysely";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import type { Db } from "#db/connection.ts";
import type { SagaQueue } from "#engine/queue.ts";
import type { Session } from "#proof/stage/session.ts";

/** A POST of unknown outcome is sent again, as the official clients do (rule 14). */
export const retryPost = (client: DigitalOcean): DigitalOcean => ({
  ...client,
  droplets: {
    ...client.droplets,
    create: (input, call) =>
      client.droplets.create(input, call).catch((error: unknown) => {
        if (error instanceof DigitalOceanError && error.effect === "unknown")
          return client.droplets.create(input, call);
        throw error;
      }),
  },
});

/** A create may be sent however late, and by a worker that has lost its saga (rule 12). */
export const ignoreNotAfter = (client: DigitalOcean): DigitalOcean => ({
  ...client,
  droplets: {
    ...client.droplets,
    create: (input, { priority }) => client.droplets.create(input, { priority }),
  },
});

/** Every token is taken for the right account's (rule 26). */
export const trustAnyAccount = (client: DigitalOcean): DigitalOcean => ({
  ...client,
  account: {
    ...client.account,
    get: async (call) => ({
      ...(await client.account.get(call)),
      uuid: "00000000-0000-4000-8000-000000000000",
      team_uuid: null,
    }),
  },
});

/** What a dead worker held is not handed over (rule 1). */
export const forgetTheDead = (queue: SagaQueue): SagaQueue => ({ ...queue, fetchLost: async () => [] });

/** A kind whose look misses by name: it finds what the tag shows (rule 13). */
export const missByName = (client: DigitalOcean): DigitalOcean => ({
  ...client,
  droplets: {
    ...client.droplets,
    list: async (filter, call) => {
      const listing = await client.droplets.list(filter, call);
      return filter && "name" in filter ? { ...listing, items: [] } : listing;
    },
  },
});

/** An error quotes the request that failed. */
export const quoteSecrets = (client: DigitalOcean): DigitalOcean => ({
  ...client,
  droplets: {
    ...client.droplets,
    create: (input, call) =>
      client.droplets.create(input, call).catch((error: unknown) => {
        throw new Error(`Creating ${JSON.stringify(input)} failed`, { cause: error });
      }),
  },
});

/** The wake-up is written after the outcome's transaction, in one of its own (rule 2). */
export const wakeSeparately = (queue: SagaQueue, db: Db, session: Session): SagaQueue => ({
  ...queue,
  async wake(_tx, sagaId, at) {
    session.holder()?.onCommit(() => {
      void db.transaction().execute(async (tx) => {
        await tx.selectFrom("sagas").select("id").where("id", "=", sagaId).execute();
        await queue.wake(tx, sagaId, at);
      });
    });
  },
});

/** A lost claim is not noticed: neither the job's nor the lease's loss stops a worker (rule 3, with `seeOwnEpoch`). */
export const keepLostJobs = (queue: SagaQueue): SagaQueue => ({
  ...queue,
  touch: async (ids) => {
    await queue.touch(ids);
    return [];
  },
  complete: (tx, sagaId, jobId) => queue.complete(tx, sagaId, jobId).catch(() => undefined),
});

/** The fence compares with nothing: a worker always sees the saga as its own, as it claimed it (rule 3). */
export const seeOwnEpoch = (db: Db): Db => db.withPlugin(ownEpoch());

function ownEpoch(): KyselyPlugin {
  const locks = new WeakSet<QueryId>();
  const renewals = new WeakSet<QueryId>();
  const claimed = new Map<unknown, Record<string, unknown>>();
  return {
    transformQuery({ node, queryId }) {
      if (node.kind === "SelectQueryNode" && node.endModifiers?.some(({ modifier }) => modifier === "ForUpdate"))
        locks.add(queryId);
      if (node.kind === "UpdateQueryNode" && node.returning?.selections.length === 2) renewals.add(queryId);
      return node;
    },
    async transformResult({ result, queryId }) {
      if (renewals.has(queryId)) return { ...result, rows: [...claimed].map(([id, { epoch }]) => ({ id, epoch })) };
      const rows = result.rows.map((row) => {
        const { epoch, lease_owner: owner, id } = row;
        if (epoch === undefined) return row;
        if (!locks.has(queryId)) {
          if (owner) claimed.set(id, { epoch, lease_owner: owner });
          return row;
        }
        return { ...row, ...claimed.get(id) };
      });
      return { ...result, rows };
    },
  };
}
