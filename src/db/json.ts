import type { ColumnType } from "kysely";

type JsonScalar = string | number | boolean | null;
export type JsonValue = JsonScalar | JsonObject | JsonValue[];
export type JsonObject = { [key: string]: JsonValue | undefined };

/**
 * A jsonb column: read as plain data, written as an object or as JSON text.
 * An array is not accepted as it is, because pg would send it as a PostgreSQL array: pass JSON.stringify(array).
 */
export type Json = ColumnType<JsonValue, JsonObject | string, JsonObject | string>;
