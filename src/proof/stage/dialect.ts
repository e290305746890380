import {
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from "kysely";
import type { Db, Schema } from "#db/connection.ts";
import type { Actor } from "./actor.ts";
import type { Lease, Session } from "./session.ts";

type Rewrite = (text: string) => string;
const asItIs: Rewrite = (text) => text;

/** One actor's way to the database: every statement, as `rewrite` has it, goes through the session. */
export function databaseOf(session: Session, actor: Actor, rewrite = asItIs): Db {
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driverOf(session, actor, rewrite),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}

interface Connection extends DatabaseConnection {
  readonly lease: Lease;
}

function driverOf(session: Session, actor: Actor, rewrite: Rewrite): Driver {
  const leases = new WeakMap<DatabaseConnection, Lease>();
  const leaseOf = (connection: DatabaseConnection): Lease => {
    const lease = leases.get(connection);
    if (!lease) throw new Error("A connection of another database");
    return lease;
  };
  return {
    init: async () => undefined,
    destroy: async () => undefined,
    async acquireConnection() {
      const lease = await session.acquire(actor);
      const connection: Connection = {
        lease,
        async executeQuery(compiled) {
          const { command, rowCount, rows } = await lease.query(rewrite(compiled.sql), compiled.parameters);
          const counted = ["INSERT", "UPDATE", "DELETE", "MERGE"].includes(command);
          return { rows, ...(counted && { numAffectedRows: BigInt(rowCount ?? 0) }) };
        },
        // oxlint-disable-next-line require-yield -- nothing of ours streams
        async *streamQuery() {
          throw new Error("The proofs' database does not stream");
        },
      };
      leases.set(connection, lease);
      return connection;
    },
    beginTransaction: async (connection) => leaseOf(connection).begin(),
    commitTransaction: (connection) => leaseOf(connection).commit(),
    rollbackTransaction: (connection) => leaseOf(connection).rollback(),
    releaseConnection: async (connection) => leaseOf(connection).release(),
  };
}
