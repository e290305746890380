import { jsonAnswer, type SimulatorAnswer, type SimulatorRequest } from "./exchange.ts";
import type { Faults } from "./faults.ts";
import { parseJson } from "./json-text.ts";
import type { SimulatorState } from "./simulator-state.ts";

export interface Controls {
  faults: Faults;
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

function parse(body: string): unknown {
  try {
    return parseJson(body);
  } catch (error) {
    if (error instanceof SyntaxError) return error;
    throw error;
  }
}
