import { z } from "zod";
import { after } from "#clock.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction, snooze, Snooze } from "#engine/step.ts";
import type { LedAstray } from "#led-astray.ts";
import { bring } from "#resources/bring.ts";
import { moveChange } from "#resources/changes.ts";
import { dnsRecord, recordValue } from "#resources/kinds/dns-record.ts";
import { rowOf } from "#resources/rows.ts";
import { changeBegun, readRecord } from "../dns/record-of.ts";
import { step, type StepContext } from "../step-context.ts";

interface Reads {
  readonly input: LedAstray;
}

/** Only while it leads where we have led it by mistake: what somebody else has made of it is left to them. */
export const leadRecordBack = step({
  name: "lead_record_back",
  writes: z.object({}),

  async execute({ input }: Reads, io: StepContext & Attempt<never>) {
    const held = await rowOf(io.db, input.resource_id);
    const row = { ...held, handle: dnsRecord.handle.parse(held.handle) };
    if (!(await changeBegun(row, io))) {
      const now = await readRecord(row, io);
      if (now instanceof Snooze) return now;
      // A provider that hides it may do so for minutes, and it leads to a stranger all the while.
      const believedAt = after(io.startedAt, io.timing.gone);
      const soon = after(io.clock.now(), 6 * io.timing.poll);
      if (!now && io.clock.now() < believedAt)
        return snooze(soon < believedAt ? soon : believedAt, `DNS record ${row.provider_id} to be shown`);
      if (now?.data !== input.from) {
        await io.note(`DNS record ${row.provider_id} does not lead to ${input.from} any more; it is left as it is`);
        return inTransaction(async () => ({}));
      }
    }
    const { data, ttl } = input;
    try {
      return await bring(io, { row, aspect: recordValue }, { goal: { data, ttl } }, async (tx) => {
        await io.zones.forget(tx, row.handle.zone);
        return {};
      });
    } catch (error) {
      if (!(error instanceof PermanentError && error.code === "changed_meanwhile")) throw error;
      const change = await changeBegun(row, io);
      await io.note(error.message);
      return inTransaction(async (tx) => {
        if (change) await moveChange(tx, change, "left");
        return {};
      });
    }
  },

  /** Goes forward only. */
  async compensate() {},
});
