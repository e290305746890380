import { z } from "zod";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction, Snooze } from "#engine/step.ts";
import { bring } from "#resources/bring.ts";
import { dnsRecord, recordValue } from "#resources/kinds/dns-record.ts";
import { rowOf } from "#resources/rows.ts";
import { changeBegun, readRecord } from "../dns/record-of.ts";
import { step, type StepContext } from "../step-context.ts";

export const ledAstray = z.object({
  deployment_id: z.uuid(),
  tenant_id: z.uuid(),
  /** The ledger's row of the record. */
  resource_id: z.uuid(),
  /** Where our late change has led it, and where it is to lead. */
  from: z.string(),
  data: z.string(),
  ttl: z.int().nullable(),
});

interface Reads {
  readonly input: z.output<typeof ledAstray>;
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
      await io.note(error.message);
      return inTransaction(async () => ({}));
    }
  },

  /** Goes forward only. */
  async compensate() {},
});
