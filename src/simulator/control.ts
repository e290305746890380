import { z } from "zod";
import type { Apps } from "./apps.ts";
import { jsonAnswer, type SimulatorAnswer, type SimulatorRequest } from "./exchange.ts";
import type { Faults } from "./faults.ts";
import { parseJson } from "./json-text.ts";
import type { Settings } from "./options.ts";
import type { SimulatorState } from "./simulator-state.ts";

export interface Controls {
  faults: Faults;
  settings: Settings;
  apps: Apps;
  now(): number;
  state(team?: string): SimulatorState;
  reset(): Promise<void>;
}

/** The calls beside the API: no token, not counted, never faulty. */
export async function control(controls: Controls, request: SimulatorRequest): Promise<SimulatorAnswer> {
  switch (`${request.method} ${request.path}`) {
    case "GET /_sim/state":
      return jsonAnswer(200, controls.state(request.query?.get("team") ?? undefined));
    case "GET /_sim/faults":
      return jsonAnswer(200, { faults: controls.faults.armed() });
    case "POST /_sim/faults":
      return arm(controls.faults, request.body ?? "");
    case "DELETE /_sim/faults":
      controls.faults.disarm();
      return jsonAnswer(204);
    case "GET /_sim/settings":
      return jsonAnswer(200, shown(controls.settings));
    case "PATCH /_sim/settings":
      return change(controls.settings, request.body ?? "");
    case "GET /_sim/apps":
      return controls.apps.list(controls.now());
    case "POST /_sim/apps":
      return makeOf(controls.apps, request.body ?? "");
    case "DELETE /_sim/apps":
      controls.apps.reset();
      return jsonAnswer(204);
    case "POST /_sim/reset":
      await controls.reset();
      return jsonAnswer(204);
    default:
      return jsonAnswer(404, {
        id: "not_found",
        message: `There is no control call ${request.method} ${request.path}.`,
      });
  }
}

function arm(faults: Faults, body: string): SimulatorAnswer {
  const spec = parse(body);
  if (spec instanceof SyntaxError) return jsonAnswer(400, { id: "bad_request", message: spec.message });
  const armed = faults.arm(spec);
  if ("reason" in armed) return jsonAnswer(422, { id: "unprocessable_entity", message: armed.reason });
  return jsonAnswer(201, armed);
}

function makeOf(apps: Apps, body: string): SimulatorAnswer {
  const sent = parse(body);
  if (sent instanceof SyntaxError) return jsonAnswer(400, { id: "bad_request", message: sent.message });
  return apps.change(sent);
}

const milliseconds = z.number().int().min(0).max(3_600_000).optional();
const timesShape = z.strictObject({
  boot_ms: milliseconds,
  app_start_ms: milliseconds,
  lag_ms: milliseconds,
  get_lag_ms: milliseconds,
});

const shown = ({ bootMs, appStartMs, lagMs, getLagMs }: Settings): object => ({
  boot_ms: bootMs,
  app_start_ms: appStartMs,
  lag_ms: lagMs,
  get_lag_ms: getLagMs,
});

/** For what is made from now on: what is on its way already keeps its moments. */
function change(settings: Settings, body: string): SimulatorAnswer {
  const sent = parse(body);
  if (sent instanceof SyntaxError) return jsonAnswer(400, { id: "bad_request", message: sent.message });
  const times = timesShape.safeParse(sent);
  if (!times.success) return jsonAnswer(422, { id: "unprocessable_entity", message: z.prettifyError(times.error) });
  const { boot_ms = settings.bootMs, app_start_ms = settings.appStartMs } = times.data;
  const { lag_ms = settings.lagMs, get_lag_ms = settings.getLagMs } = times.data;
  Object.assign(settings, { bootMs: boot_ms, appStartMs: app_start_ms, lagMs: lag_ms, getLagMs: get_lag_ms });
  return jsonAnswer(200, shown(settings));
}

function parse(body: string): unknown {
  try {
    return parseJson(body);
  } catch (error) {
    if (error instanceof SyntaxError) return error;
    throw error;
  }
}
