import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { createMetrics } from "#metrics/metrics.ts";
import { type Stack, startStack, until } from "./stack.ts";
import { deploy, ended } from "./stack-deployments.ts";

const read = (path: string) => readFile(fileURLToPath(new URL(`../${path}`, import.meta.url)), "utf8");
const requestLimits = { minute: 250, hour: 5000 };
const sagaNames = ["provision_deployment", "destroy_droplet"];
const metricsOf = ({ db, clock }: Stack) =>
  createMetrics({ db, clock, requestLimits, sagaNames, release: "1.2.3", openStreams: () => 3, lagMs: 0 });

/** Sample lines of a scrape, by name and labels. */
function samples(text: string): Map<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

test("what happened is counted once, whoever asks how often", async () => {
  await using stack = await startStack();
  const [scrape, other] = [metricsOf(stack), metricsOf(stack)];
  await Promise.all([scrape(), other()]);
  await ended(stack, (await deploy(stack)).sagaId);
  const body = { id: "unprocessable_entity", message: "No." };
  await stack.arm({ method: "POST", path: "^/v2/domains/.*/records$", kind: "status", status: 422, body, times: 20 });
  await ended(stack, (await deploy(stack)).sagaId);
  await Promise.all([scrape(), scrape(), other()]);
  const found = samples(await scrape());
  const saga = 'name="provision_deployment"';
  expect(Object.fromEntries(found)).toMatchObject({
    [`arcadia_sagas_ended_total{${saga},status="completed"}`]: 1,
    [`arcadia_sagas_ended_total{${saga},status="rolled_back"}`]: 1,
    [`arcadia_saga_duration_seconds_count{${saga},status="completed"}`]: 1,
    [`arcadia_saga_start_delay_seconds_count{${saga}}`]: 2,
    'arcadia_step_duration_seconds_count{step="create_droplet",direction="forward",status="completed"}': 2,
    'arcadia_step_duration_seconds_count{step="create_droplet",direction="back",status="compensated"}': 1,
    'arcadia_deployments{status="active"}': 1,
    'arcadia_deployments{status="cancelled"}': 1,
    'arcadia_provider_requests_total{method="POST",route="/v2/droplets",status="202"}': 2,
    'arcadia_build_info{version="1.2.3"}': 1,
    'arcadia_request_budget_limit{window="minute"}': 250,
    arcadia_sagas_stuck: 0,
    arcadia_event_streams: 3,
    arcadia_provider_up: 1,
  });
  const seconds = found.get(`arcadia_saga_duration_seconds_sum{${saga},status="completed"}`) ?? 0;
  expect(seconds).toBeGreaterThan(0.3);
  expect(samples(await other()).get(`arcadia_sagas_ended_total{${saga},status="completed"}`)).toBe(1);
});

test("what there is none of shows as 0, and only a webhook that was disabled for failing as disabled", async () => {
  await using stack = await startStack({ workers: 0 });
  const scrape = metricsOf(stack);
  const idle = Object.fromEntries(samples(await scrape()));
  for (const name of sagaNames)
    for (const status of ["pending", "running", "waiting", "compensating", "stuck"])
      expect(idle).toHaveProperty([`arcadia_sagas{name="${name}",status="${status}"}`], 0);
  for (const result of ["delivered", "failed"])
    expect(idle).toHaveProperty([`arcadia_webhook_attempts_total{result="${result}"}`], 0);
  const now = new Date();
  for (const disabled_reason of [null, "disabled by admin", "its receiver answered 410 Gone", "nothing was delivered"])
    await stack.db
      .insertInto("webhooks")
      .values({
        id: crypto.randomUUID(),
        url: "http://127.0.0.1:9/",
        events: ["*"],
        secret: Buffer.from("sealed"),
        created_at: now,
        updated_at: now,
        disabled_at: disabled_reason === null ? null : now,
        disabled_reason,
      })
      .execute();
  const found = samples(await scrape());
  const of = (state: string) => found.get(`arcadia_webhooks{state="${state}"}`);
  expect(["enabled", "switched_off", "disabled"].map(of)).toEqual([1, 1, 2]);
});

test("a stuck saga and one that nobody works on show", async () => {
  await using stack = await startStack({ workers: 0 });
  const scrape = metricsOf(stack);
  const { sagaId } = await deploy(stack);
  await stack.db
    .updateTable("sagas")
    .set({ due_at: new Date(Date.now() - 90_000) })
    .where("id", "=", sagaId)
    .execute();
  const waiting = samples(await scrape());
  expect(waiting.get("arcadia_queue_delay_seconds")).toBeGreaterThan(89);
  expect(waiting.get('arcadia_sagas{name="provision_deployment",status="pending"}')).toBe(1);
  await stack.db.updateTable("sagas").set({ status: "stuck" }).where("id", "=", sagaId).execute();
  const stuck = samples(await scrape());
  expect([stuck.get("arcadia_sagas_stuck"), stuck.get("arcadia_queue_delay_seconds")]).toEqual([1, 0]);
});

test("every metric and label of the dashboard and the alerts is one that a scrape shows", async () => {
  await using stack = await startStack();
  const scrape = metricsOf(stack);
  await scrape();
  await ended(stack, (await deploy(stack)).sagaId);
  await until("a request's end", async () => (await scrape()).includes("arcadia_sagas_ended_total{"));
  const text = await scrape();
  const declared = new Map<string, string>();
  for (const [, name = "", kind = ""] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    declared.set(name, kind);
    if (kind === "histogram") for (const end of ["_bucket", "_sum", "_count"]) declared.set(name + end, kind);
  }
  const dashboard = JSON.parse(await read("ops/grafana-dashboard.json"));
  const alerts = parse(await read("ops/prometheus-alerts.yaml"));
  const expressions: string[] = [
    ...dashboard.panels.flatMap((panel: { targets?: { expr: string }[] }) => panel.targets?.map((it) => it.expr) ?? []),
    ...alerts.groups.flatMap((group: { rules: { expr: string }[] }) => group.rules.map((rule) => rule.expr)),
  ];
  expect(expressions.length).toBeGreaterThan(25);
  const used = new Set<string>();
  for (const expression of expressions)
    for (const [, name = "", labels] of expression.matchAll(/\b((?:arcadia|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)) {
      expect([...declared.keys()], expression).toContain(name);
      used.add(name.replace(/_(bucket|sum|count)$/, ""));
      for (const [, label = ""] of labels?.matchAll(/(\w+)=/g) ?? [])
        if (label !== "job")
          expect(text, `${label} of ${name}`).toMatch(label === "status" ? /status="/ : `${label}="`);
    }
  const ours = [...declared.keys()].filter((name) => name.startsWith("arcadia_") && !/_(bucket|sum|count)$/.test(name));
  const shownElsewhere = ["arcadia_provider_simulated"];
  expect(ours.filter((name) => !used.has(name) && !shownElsewhere.includes(name))).toEqual([]);
});
