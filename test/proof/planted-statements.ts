// Bugs in what a worker writes to the database: its statements with a condition more, or less.

/** The statement with `condition` as its last one, if it begins like this. */
const only =
  (beginning: string, condition: string) =>
  (text: string): string =>
    text.trimStart().startsWith(beginning) ? `${text} ${condition}` : text;

/** A worker never sees that its saga was cancelled (rule 5). */
export const overlookCancel = (text: string): string =>
  text === 'select * from "sagas" where "id" = $1 for update'
    ? 'select *, null::timestamptz as "cancel_requested_at" from "sagas" where "id" = $1 for update'
    : text;

/** A worker does not see that its saga goes forward only. */
export const forgetPivot = (text: string): string =>
  text === 'select * from "sagas" where "id" = $1 for update'
    ? 'select *, null::integer as "pivot" from "sagas" where "id" = $1 for update'
    : text;

/** The droplet goes while the record still leads to it (rule 20): its undo is read as if it came after no other. */
export const destroyBeforeDns = (text: string): string =>
  text.replace(
    /^select \* from "saga_steps" where "saga_id" = \$1 order by/,
    `select *, case "name" when 'create_droplet' then '{}' else "undo_after" end as "undo_after" from "saga_steps" where "saga_id" = $1 order by`,
  );

/** Deadlines run on while the provider is away (rule 27). */
export const letDeadlinesRun = only('update "saga_steps" set "deadline_at" = deadline_at +', "and false");

/** Nobody remembers when a worker was last there: our own downtime counts (rule 27). */
export const forgetAttendance = (text: string): string =>
  text.replace(/^select "attended_at" from "attendance"/, "$& where false");

/** Whoever is told to stay away tells nobody (rule 28). */
export const forgetRetryAfter = only('update "request_budget" set "blocked_until"', "where false");

/** No droplet is known to be an ended saga's (rule 25). */
export const leaveStrays = only("select id, status, finished_at, right(replace(id::text", "and false");
