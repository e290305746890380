// Bugs in what a worker writes to the database: its statements with a condition more, or less.

/** The statement with `condition` as its last one, if it begins like this. */
const only =
  (beginning: string, condition: string) =>
  (text: string): string =>
    text.trimStart().startsWith(beginning) ? `${text} ${condition}` : text;

/** Where a worker reads its saga: when it takes it, and when it locks it. */
const sagaReads = /^select \* from sagas where (?:id = \$1 and epoch|due_at <=)/;

/** The saga as a worker reads it, with a column that tells it something else. */
const sees = (column: string) => (text: string) =>
  sagaReads.test(text) ? text.replace("select *", `select *, ${column}`) : text;

/** A worker never sees that its saga was cancelled (rule 5). */
export const overlookCancel = sees('null::timestamptz as "cancel_requested_at"');

/** A worker does not see that its saga goes forward only. */
export const forgetPivot = sees('null::integer as "pivot"');

/** The droplet goes while the record still leads to it (rule 20): its undo is read as if it came after no other. */
export const destroyBeforeDns = (text: string): string =>
  text.replace(/^select \* from "saga_steps" where "saga_id" = (?:\$1|any\(\$1::uuid\[\]\)) order by/, (reading) =>
    reading.replace("*", `*, case "name" when 'create_droplet' then '{}' else "undo_after" end as "undo_after"`),
  );

/** Nothing is compared: whoever has had a saga once writes it, and never hears that it is another's (rule 3). */
export const dropFence = (text: string): string =>
  text
    .replace(
      /^(select \* from sagas where id = \$1) and epoch = \$2 and lease_owner = \$3/,
      "$1 and ($2::int, $3::uuid) is not null",
    )
    .replace(/(?<=where s\.id = change\.id) and s\.epoch [^]* = change\.sequence(?=\s+returning)/, "")
    .replace(" and s.epoch = it.epoch and s.lease_owner = it.owner and s.event_sequence = it.sequence", "")
    .replace(" and s.epoch = held.epoch\n    where s.lease_owner = $1", " where $1::uuid is not null");

/** A saga that waits is woken by nobody (rule 2). */
export const forgetWakeUp = (text: string): string =>
  text.includes("with change as materialized")
    ? text.replace("p.due_at", "case when p.lease_owner is null then null else p.due_at end")
    : text;

/** What a dead worker held is not handed over (rule 11). */
export const forgetTheDead = (text: string): string =>
  text.replace(/^select \* from sagas where due_at <= \$1/, "$& and lease_owner is null");

/** Deadlines run on while the provider is away (rule 27). */
export const letDeadlinesRun = (text: string): string =>
  /^update "saga(?:s|_steps)" set "(?:step_)?deadline_at" = /.test(text) ? `${text} and false` : text;

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

/** A row of the ledger does not come to this phase, whatever its history says. */
const skips = (phase: string, instead: string) => (text: string) =>
  text.startsWith('update "provider_resources" set')
    ? text.replace(/"phase" = (\$\d+)/, `"phase" = case $1::text when '${phase}' then ${instead} else $1::text end`)
    : text;

/** What is there goes on being asked for. */
export const skipThere = skips("there", '"provider_resources"."phase"');

/** What is gone stays on its way. */
export const stayRemoving = skips("gone", "'removing'");
