import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { anothers } from "./another.ts";
import { type Answer, type Call, problem } from "./call.ts";
import { drawsOf } from "./chance.ts";
import { type Lie, lieTo } from "./lies.ts";
import { routeOf } from "./routes.ts";
import type { Store } from "./store.ts";
import { ledAstray, restlessUntil, truthOf } from "./truth.ts";
import { exists, never, type Thing, type View } from "./world.ts";

export interface CloudOptions {
  readonly port: number;
  readonly token: string;
  readonly seed: number;
  readonly store: Store;
}

const views: readonly View[] = ["id", "all", "tag", "name"];

/** A small provider, on loopback only, that lies. What it lies to whom is by its seed, and by how often it was asked. */
export async function openCloud({ port, token, seed, store }: CloudOptions): Promise<void> {
  const asked = new Map<string, number>();
  let isCalm = false;
  let holds = { times: 0, ms: 0 };

  /** What the storm asks of it. */
  function control(path: string, query: URLSearchParams): Answer {
    const now = Date.now();
    if (path === "/_cloud/calm") isCalm = true;
    if (path === "/_cloud/hold") holds = { times: Number(query.get("times")), ms: Number(query.get("ms")) };
    const told = { truth: truthOf(store, now), led_astray: ledAstray(store, now), lies: store.lies };
    return { status: 200, body: { ...told, restless_until: restlessUntil(store) } };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const text = await textOf(request);
    if (url.pathname.startsWith("/_cloud/")) return send(response, control(url.pathname, url.searchParams));
    if (request.headers.authorization !== `Bearer ${token}`)
      return send(response, problem(401, "unauthorized", "Unable to authenticate you."));
    const method = request.method ?? "GET";
    const path = url.pathname.split("/").slice(2).map(decodeURIComponent);
    const route = routeOf(method, path);
    const nth = (asked.get(route.name) ?? 0) + 1;
    asked.set(route.name, nth);
    const draw = drawsOf(seed, `${store.starts} ${route.name} ${nth}`);
    const lie = isCalm ? undefined : lieTo(route.name, draw);
    if (lie) store.noteLie(lie.kind);

    if (lie?.kind === "refusal") return send(response, lie.answer);
    if (lie?.kind === "cut" && !lie.isDone) return void request.socket.resetAndDestroy();
    const now = Date.now();
    if (lie?.kind === "hidden") hide(store, path, url.searchParams, now + lie.ms, draw);
    const body: Record<string, unknown> = text === "" ? {} : JSON.parse(text);
    const from = fromOf(lie, now);
    const call: Call = { store, now, from, path, query: url.searchParams, body, draw, isCalm };
    const answer = route.handle(call);
    if (lie?.kind === "slow") await sleep(lie.ms);
    else if (route.name === "POST droplets" && holds.times > 0) {
      holds.times -= 1;
      await sleep(holds.ms);
    }
    if (lie?.kind === "cut") request.socket.resetAndDestroy();
    else if (answer.status >= 400) send(response, answer);
    else if (lie?.kind === "denial" || lie?.kind === "late") send(response, lie.answer);
    else if (lie?.kind === "another's") send(response, anothers(call, answer));
    else send(response, answer, lie?.kind === "half");
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      console.error(error);
      request.socket.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

function fromOf(lie: Lie | undefined, now: number): number {
  if (lie?.kind === "lost") return never;
  return lie?.kind === "late" ? now + lie.ms : now;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, { status, headers, body }: Answer, isHalf = false): void {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? "text/html; charset=UTF-8" : "application/json";
  const limits = { "ratelimit-limit": "5000", "ratelimit-remaining": "4200" };
  response.writeHead(status, { ...limits, ...(body !== undefined && { "content-type": type }), ...headers });
  response.end(isHalf ? text.slice(0, text.length / 2) : text);
}

/** Hides the one that is asked for, or one of all. */
function hide(store: Store, path: readonly string[], query: URLSearchParams, until: number, draw: () => number): void {
  const of = new Map<number, Thing>(
    path[0] === "droplets" ? store.machines : path[0] === "domains" ? store.records : store.snapshots,
  );
  const now = Date.now();
  const id = path[0] === "domains" ? path[3] : path[1];
  const all = [...of.values()].filter((it) => exists(it, now));
  const thing = id === undefined ? all[Math.floor(draw() * all.length)] : of.get(Number(id));
  if (!thing) return;
  // Now and then no view shows it.
  const asked: View = id !== undefined ? "id" : query.has("tag_name") ? "tag" : query.has("name") ? "name" : "all";
  const hidden = (draw() < 0.3 ? views : [asked]).map((view) => ({ view, until }));
  store.put({ ...thing, hidden: [...thing.hidden.filter((it) => it.until > now), ...hidden] } as Parameters<
    Store["put"]
  >[0]);
}
