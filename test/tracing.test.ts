import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Attributes,
  type Context,
  context,
  type ContextManager,
  ROOT_CONTEXT,
  type Span,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { expect, onTestFinished, test } from "vitest";
import { startStack } from "./stack.ts";
import { deploy, ended } from "./stack-deployments.ts";

interface Recorded {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly attributes: Attributes;
  ended: boolean;
}

/** The smallest SDK that there can be: it records spans, and hands contexts on as Node.js does. */
function recordSpans(): Recorded[] {
  const spans: Recorded[] = [];
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, work, that, ...args) => storage.run(active, () => work.apply(that, args)),
    bind: (_active, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  const start = (name: string, attributes: Attributes, parent: Context): Span => {
    const above = trace.getSpanContext(parent);
    const spanId = (spans.length + 1).toString(16).padStart(16, "0");
    const traceId = above?.traceId ?? "none";
    const recorded = {
      name,
      traceId,
      spanId,
      parentId: above?.spanId ?? "",
      attributes: { ...attributes },
      ended: false,
    };
    spans.push(recorded);
    const span: Span = {
      spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
      setAttribute: (key, value) => (Object.assign(recorded.attributes, { [key]: value }), span),
      setAttributes: () => span,
      addEvent: () => span,
      addLink: () => span,
      addLinks: () => span,
      setStatus: () => span,
      updateName: () => span,
      end: () => void (recorded.ended = true),
      isRecording: () => true,
      recordException: () => undefined,
    };
    return span;
  };
  const tracer = {
    startSpan: (name: string, options = {}, parent = context.active()) => start(name, options, parent),
    startActiveSpan: (
      name: string,
      options: { attributes?: Attributes },
      parent: Context,
      work: (span: Span) => unknown,
    ) => {
      const span = start(name, options.attributes ?? {}, parent);
      return manager.with(trace.setSpan(parent, span), () => work(span));
    },
  } as unknown as Tracer;
  context.setGlobalContextManager(manager);
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  onTestFinished(() => {
    trace.disable();
    context.disable();
  });
  return spans;
}

test("a saga is a trace, a step a span of it, a request to the provider a span of the step", async () => {
  const spans = recordSpans();
  await using stack = await startStack();
  const body = { id: "unprocessable_entity", message: "No." };
  await stack.arm({ method: "POST", path: "^/v2/domains/.*/records$", kind: "status", status: 422, body, times: 20 });
  const { sagaId } = await deploy(stack, { userData: "#cloud-config planted secret" });
  expect((await ended(stack, sagaId)).status).toBe("rolled_back");
  const traceId = sagaId.replaceAll("-", "");
  const steps = spans.filter((span) => span.attributes["arcadia.step"] !== undefined);
  for (const span of steps) {
    expect(span).toMatchObject({ traceId, parentId: traceId.slice(16), ended: true });
    expect(span.attributes).toMatchObject({ "arcadia.saga.id": sagaId, "arcadia.saga.name": "provision_deployment" });
  }
  const names = [...new Set(steps.map((span) => span.name))];
  expect(names.slice(0, 4)).toEqual([
    "mark_deployment_provisioning",
    "create_droplet",
    "wait_droplet_active",
    "register_droplet",
  ]);
  expect(names).toContain("undo create_droplet");
  const create = spans.find((span) => span.name === "POST /v2/droplets");
  const step = steps.find((span) => span.name === "create_droplet");
  expect(create).toMatchObject({
    traceId,
    parentId: step?.spanId,
    ended: true,
    attributes: { "http.response.status_code": 202, "http.request.method": "POST", "url.path": "/v2/droplets" },
  });
  expect(spans.some((span) => /^DELETE \/v2\/droplets\/\{id\}$/.test(span.name) && span.traceId === traceId)).toBe(
    true,
  );
  expect(JSON.stringify(spans)).not.toMatch(/planted secret|dop_v1_/);
});

test("without an SDK nothing is recorded and everything works", async () => {
  await using stack = await startStack();
  expect((await ended(stack, (await deploy(stack)).sagaId)).status).toBe("completed");
  expect(trace.getActiveSpan()).toBeUndefined();
});
