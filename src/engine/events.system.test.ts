import { expect, test } from "vitest";
import { smallEngine, smallStep } from "#test/small-engine.ts";
import { Stopping } from "./run-saga.ts";
import { snooze } from "./step.ts";

type Small = Awaited<ReturnType<typeof smallEngine>>;

async function run(small: Small, id: string, signal = new AbortController().signal): Promise<void> {
  await small.wake(id);
  await small.run(small.engine, signal);
}

const history = async (small: Small) => {
  const rows = await small.db.selectFrom("saga_events").select("data").orderBy("sequence").execute();
  return rows.map(({ data }) => {
    const { name, status, waiting_for: what } = data as { name?: string; status: string; waiting_for?: string | null };
    return [name === "small" || name === undefined ? "saga" : name, status, ...(what ? [what] : [])].join(" ");
  });
};

const looks = ["saga running", "only running", "only waiting a boot", "saga waiting a boot"];

test("every change of status is an event, also when a saga wakes only to wait on", async () => {
  let runs = 0;
  await using small = await smallEngine([
    smallStep("only", async () => {
      runs += 1;
      return runs < 3 ? snooze(small.clock.now(), "a boot") : {};
    }),
  ]);
  const id = await small.begin();
  for (let times = 0; times < 3; times += 1) await run(small, id);
  const end = ["saga running", "only running", "only completed", "saga completed"];
  expect(await history(small)).toEqual(["saga pending", ...looks, ...looks, ...end]);
  const [step] = await small.db.selectFrom("saga_steps").selectAll().execute();
  expect(step).toMatchObject({ attempts: 1, waiting_for: null });
});

test("a saga that a worker hands back when it stops is told to wait", async () => {
  const stop = new AbortController();
  await using small = await smallEngine([
    smallStep("only", async () => {
      stop.abort(new Stopping());
      return {};
    }),
  ]);
  const id = await small.begin();
  await run(small, id, stop.signal);
  expect(await history(small)).toEqual(["saga pending", "saga running", "only running", "saga waiting"]);
});
