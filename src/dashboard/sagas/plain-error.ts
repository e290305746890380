import type { Saga } from "#api/sagas.ts";
import { plainName } from "./words.ts";

/** What went wrong, for people; and what the provider's support asks for. */
export interface PlainError {
  readonly said: string;
  readonly technical: string | undefined;
}

/** What a request to the provider was about, to stand after "refused" and "failed at". */
const things: Readonly<Record<string, string>> = {
  "POST /v2/droplets": "the new droplet",
  "GET /v2/droplets": "the list of droplets",
  "GET /v2/droplets/{}": "a look at the droplet",
  "DELETE /v2/droplets/{}": "the droplet's removal",
  "GET /v2/domains/{}/records": "a look at the DNS records",
  "GET /v2/domains/{}/records/{}": "a look at the DNS record",
  "POST /v2/domains/{}/records": "the DNS record",
  "PUT /v2/domains/{}/records/{}": "the change of the DNS record",
  "PATCH /v2/domains/{}/records/{}": "the change of the DNS record",
  "DELETE /v2/domains/{}/records/{}": "the DNS record's removal",
  "GET /v2/domains/{}": "a look at the zone",
  "GET /v2/account": "a look at the account",
};

const request = /^(.*?)((?:GET|POST|PUT|PATCH|DELETE) \/v2\/\S+): (.+)$/s;
const answered = /^DigitalOcean answered (\d{3})(?: (\w+))?: (.+)$/s;

/** Our workers' errors begin with the request; here it comes last. What is not of that form stays as it is. */
export function inPlainWords(message: string): PlainError {
  const [, before = "", line = "", what = ""] = request.exec(message) ?? [];
  if (!line) return { said: message, technical: undefined };
  const thing = things[routeOf(line)] ?? "a request";
  const [, status, id, detail = ""] = answered.exec(what) ?? [];
  if (status === undefined) return { said: `${before}DigitalOcean, asked for ${thing}: ${what}`, technical: line };
  const verb = Number(status) >= 500 ? "failed at" : "refused";
  return {
    said: `${before}DigitalOcean ${verb} ${thing}: ${detail}`,
    technical: [line, [status, id].filter(Boolean).join(" ")].join(", "),
  };
}

/** The line names the droplet, record or zone where its route has braces. */
const routeOf = (line: string): string =>
  line.replaceAll(/\/(?:\d+|\{\w*\})(?=\/|$)/g, "/{}").replace(/ \/v2\/domains\/[^/]+/, " /v2/domains/{}");

/** What stands in the way of a saga now, or why it turned back. */
export function failureIn({ stuck_error: stuck, error }: Pick<Saga, "stuck_error" | "error">): string | undefined {
  const failure = stuck ?? error;
  return failure ? inPlainWords(failure.message).said : undefined;
}

/** What is waited for, without the error that is shown beside it. */
export function waitingWords(waitingFor: string, error: string | undefined): string {
  const rest = error === undefined ? waitingFor : waitingFor.replace(error, "").replace(/[:,]\s*$/, "");
  return inPlainWords(rest).said.replaceAll(/\b[a-z]+(?:_[a-z]+)+\b/g, plainName);
}
