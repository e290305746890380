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
export const leaveStrays = (text: string): string =>
  text.includes('from "provider_resources" as "held"') ? text.replace(" order by", " and false order by") : text;

/** A record that has ended is nobody's any more (rule 25). */
export const forgetRecordsEnded = (text: string): string =>
  text.replace(
    'from "provider_resources" where "recheck_at" <=',
    `from "provider_resources" where kind <> 'dns_record' and "recheck_at" <=`,
  );

/** What the ledger says of looks, as this finds it: one has shown nothing already. */
const seesOneLookMore =
  (kind: string) =>
  (text: string): string =>
    text.startsWith('select * from "provider_resources" where "saga_id"')
      ? text.replace("select *", `select *, greatest(looks_without, (kind = '${kind}')::int) as looks_without`)
      : text;

/** One look that shows nothing is absence (rules 14 and 17). */
export const trustOneLook = seesOneLookMore("droplet");

const oneMoreRecordLook = seesOneLookMore("dns_record");
/** A record that was missed once is gone (rule 17), by a look of its own or by one that all share. */
export const believeOneMiss = (text: string): string =>
  oneMoreRecordLook(text).replace(
    /^select count\(\*\) as "count" from "looks"/,
    `select count(*) + 1 as "count" from "looks"`,
  );

/** A row of the ledger does not come to this phase, whatever its history says. */
const skips = (phase: string, instead: string) => (text: string) =>
  text.startsWith('update "provider_resources" set')
    ? text.replace(/"phase" = (\$\d+)/, `"phase" = case $1::text when '${phase}' then ${instead} else $1::text end`)
    : text;

/** What is there goes on being asked for. */
export const skipThere = skips("there", '"provider_resources"."phase"');

/** What is gone stays on its way. */
export const stayRemoving = skips("gone", "'removing'");
