import { expect, test } from "vitest";
import type { Saga, SagaEvent } from "#api/sagas.ts";
import { progressOf } from "./progress.ts";

const id = "0199e000-0000-7000-8000-000000000001";
const at = "2026-11-22T12:00:00.000Z";
const step = (name: string): Saga["steps"][number] => ({
  name,
  status: "completed",
  attempts: 1,
  undo_attempts: 0,
  waiting_for: null,
  next_try_at: null,
  deadline_at: null,
  error: null,
  undo_error: null,
  started_at: at,
  finished_at: at,
  undo_started_at: null,
  undo_finished_at: null,
});
const saga: Saga = {
  id,
  name: "provision_deployment",
  status: "rolled_back",
  direction: "back",
  deployment_id: null,
  tenant_id: null,
  provider_id: null,
  waiting_for: null,
  error: { code: "dns", message: "the zone refused" },
  stuck_error: null,
  leaves: null,
  cancel_requested_at: null,
  cancel_reason: null,
  resolution: null,
  created_at: at,
  started_at: at,
  finished_at: at,
  steps: [step("create_droplet"), step("point_deployment_dns")],
};
const event = (type: "saga" | "step", data: object): SagaEvent => ({ saga_id: id, sequence: 1, at, type, ...data });
const now = new Date(at);

test("it begins where the events begin, whatever the saga has come to since", () => {
  const progress = progressOf(saga);
  expect(progress.steps.map((it) => it.status)).toEqual(["pending", "pending"]);
  expect(progress).toMatchObject({ turned: false, over: false });
});

test("a step that was completed and is undone counts as both", async () => {
  const progress = progressOf(saga);
  const turned = progress.until(() => progress.turned);
  progress.apply(event("step", { name: "create_droplet", status: "running" }), now);
  progress.apply(event("step", { name: "create_droplet", status: "completed" }), now);
  progress.apply(event("step", { name: "point_deployment_dns", status: "failed", error: saga.error }), now);
  progress.apply(event("saga", { status: "compensating", error: saga.error }), now);
  await turned;
  const later = new Date(now.getTime() + 5000);
  progress.apply(event("step", { name: "create_droplet", status: "compensating", waiting_for: "two looks" }), later);
  expect(progress.error).toBe("the zone refused");
  expect(progress.steps).toMatchObject([
    { status: "compensating", completed: true, waitingFor: "two looks", since: now, undoSince: later },
    { status: "failed", completed: false, error: "the zone refused" },
  ]);
});

test("what a rollback is stuck on does not hide why it rolls back", () => {
  const progress = progressOf(saga);
  progress.apply(event("saga", { status: "compensating", error: saga.error }), now);
  progress.apply(event("saga", { status: "stuck", error: { code: "forbidden", message: "no entry" } }), now);
  expect(progress.error).toBe("the zone refused");
});

test("whoever waits for it is let go when nobody follows the saga any more", async () => {
  const progress = progressOf(saga);
  const over = progress.until(() => progress.over);
  progress.end();
  await over;
  expect(progress.turned).toBe(false);
});
