/** A request as it came in. Header names are in lower case; the path is still percent-encoded. */
export interface SimulatorRequest {
  method: string;
  path: string;
  query?: URLSearchParams | undefined;
  headers: Readonly<Record<string, string | undefined>>;
  body?: string | undefined;
}

export interface SimulatorAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** `reset`: the connection is cut without an answer. `hang`: it stays open without one. */
export type Outcome = SimulatorAnswer | "reset" | "hang";

export const jsonAnswer = (status: number, body?: unknown, headers: Record<string, string> = {}): SimulatorAnswer => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: body === undefined ? "" : JSON.stringify(body),
});
