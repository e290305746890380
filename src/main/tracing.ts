import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from "@opentelemetry/api";
import type { Fetch } from "#providers/digitalocean/exchange.ts";
import type { AnySaga, AnyStep } from "#engine/saga.ts";
import { Snooze } from "#engine/step.ts";

/**
 * Spans through OpenTelemetry's API alone: without an SDK, which the operator loads with NODE_OPTIONS=--import, they cost
 * next to nothing and go nowhere. A saga is a trace, whose id is the saga's without its hyphens, on whichever worker it
 * runs; each run of a step is a span of it, each request to the provider a span within that.
 */
const tracer = () => trace.getTracer("arcadia-cloud");

/** What all of a saga's spans hang on: its id is known to every worker, so it needs no hand-over. */
export function sagaContext(sagaId: string): Context {
  const traceId = sagaId.replaceAll("-", "");
  const parent = { traceId, spanId: traceId.slice(16), traceFlags: TraceFlags.SAMPLED, isRemote: true };
  return trace.setSpanContext(ROOT_CONTEXT, parent);
}

export const tracedSagas = <Io>(sagas: ReadonlyMap<string, AnySaga<Io>>): ReadonlyMap<string, AnySaga<Io>> =>
  new Map([...sagas].map(([name, saga]) => [name, saga.map(tracedStep)]));

function tracedStep<Io>(step: AnyStep<Io>): AnyStep<Io> {
  const { execute, compensate, name } = step;
  return {
    ...step,
    execute: (reads, io) =>
      inSpan(name, sagaContext(io.saga.id), attributesOf(name, io.saga), () => execute(reads, io)),
    compensate: (reads, io) =>
      inSpan(`undo ${name}`, sagaContext(io.saga.id), attributesOf(name, io.saga), () => compensate(reads, io)),
  };
}

const attributesOf = (step: string, saga: { readonly id: string; readonly name: string }): Attributes => ({
  "arcadia.saga.id": saga.id,
  "arcadia.saga.name": saga.name,
  "arcadia.step": step,
});

/** Runs `work` in a span of its own, which says how it ended: done, waiting, or with which error. */
async function inSpan<T>(name: string, parent: Context, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  return tracer().startActiveSpan(name, { kind: SpanKind.INTERNAL, attributes }, parent, (span) =>
    ending(span, async () => {
      const result = await work();
      if (result instanceof Snooze) span.setAttribute("arcadia.waiting_for", result.waitingFor);
      return result;
    }),
  );
}

async function ending<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : "error" });
    if (error instanceof Error) span.recordException(error);
    throw error;
  } finally {
    span.end();
  }
}

const ids = /\/(?:\d+|[0-9a-f-]{36}|arcadia-[\w-]+)(?=\/|$)/g;

/** Each request a span within that of the step that makes it. Never its headers or body: they hold secrets. */
export const tracedFetch =
  (fetch: Fetch): Fetch =>
  (url, init) => {
    const { pathname, hostname } = new URL(url);
    const method = init.method ?? "GET";
    const attributes = { "http.request.method": method, "url.path": pathname, "server.address": hostname };
    const options = { kind: SpanKind.CLIENT, attributes };
    return tracer().startActiveSpan(`${method} ${pathname.replace(ids, "/{id}")}`, options, context.active(), (span) =>
      ending(span, async () => {
        const answer = await fetch(url, init);
        span.setAttribute("http.response.status_code", answer.status);
        const requestId = answer.headers.get("x-request-id");
        if (requestId !== null) span.setAttribute("arcadia.provider_request_id", requestId);
        if (answer.status >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
        return answer;
      }),
    );
  };
