/**
 * Text from outside as PostgreSQL can hold it: NUL and lone surrogates, which neither `text` nor `jsonb` takes, become
 * the replacement character (https://www.postgresql.org/docs/current/datatype-json.html).
 */
export const storable = (text: string): string => text.replaceAll("\0", "\uFFFD").toWellFormed();
