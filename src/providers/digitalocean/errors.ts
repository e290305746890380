/** Everything that can go wrong with a request, as far as a caller can act on it. */
export type Reason =
  | "not_found"
  | "unauthorized"
  | "forbidden"
  /** DigitalOcean has locked the account: nothing it is asked is done until that ends. */
  | "account_locked"
  | "rate_limited"
  | "droplet_limit"
  | "invalid"
  /** A refusal that passes when asked again later. */
  | "retry_later"
  | "conflict"
  /** The droplet is busy with an earlier action; passes when that action ends. */
  | "pending_event"
  | "server_error"
  | "unreachable"
  /** No answer in time, or somebody on the way who says so (408, 425, 499). */
  | "timeout"
  /** `notAfter` had passed before anything was sent. */
  | "not_sent"
  /** The caller's signal fired. */
  | "aborted"
  /** Not in DigitalOcean's words: what it means for the request is not known, and may be another's doing. */
  | "unexpected_answer"
  | "incomplete_listing";

/** Whether a request that changes something may have changed it. Always `none` for a GET. */
export type Effect = "none" | "unknown";

interface Fields {
  readonly method: string;
  /** The path's template, without ids: `/v2/droplets/{id}`. */
  readonly route: string;
  /** What the template's braces stand for: the message names the droplet or record. */
  readonly path?: Readonly<Record<string, string | number>> | undefined;
  readonly reason: Reason;
  readonly effect: Effect;
  readonly status?: number | undefined;
  /** DigitalOcean's error id, such as `unprocessable_entity`. */
  readonly id?: string | undefined;
  /** DigitalOcean's own words. */
  readonly detail?: string | undefined;
  /** DigitalOcean's request id: what its support asks for. */
  readonly requestId?: string | undefined;
  /** When asking again makes sense. */
  readonly retryAt?: Date | undefined;
  readonly cause?: unknown;
}

/** The only error this client throws, apart from those of our own database. */
export class DigitalOceanError extends Error {
  readonly method: string;
  readonly route: string;
  readonly path: Readonly<Record<string, string | number>> | undefined;
  readonly reason: Reason;
  readonly effect: Effect;
  readonly status: number | undefined;
  readonly id: string | undefined;
  readonly detail: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAt: Date | undefined;

  /** `what` goes on after the method and the route; it may quote a sentence, so its full stop is optional. */
  constructor(what: string, fields: Fields) {
    const hint = hints[fields.reason];
    super(
      `${fields.method} ${placeOf(fields)}: ${what.replace(/\.$/, "")}.${hint ? ` ${hint}` : ""}`,
      fields.cause === undefined ? {} : { cause: fields.cause },
    );
    this.name = "DigitalOceanError";
    this.method = fields.method;
    this.route = fields.route;
    this.path = fields.path;
    this.reason = fields.reason;
    this.effect = fields.effect;
    this.status = fields.status;
    this.id = fields.id;
    this.detail = fields.detail;
    this.requestId = fields.requestId;
    this.retryAt = fields.retryAt;
  }
}

const placeOf = ({ route, path }: Fields): string =>
  route.replace(/\{(\w+)\}/g, (braces, name: string) => String(path?.[name] ?? braces));

const hints: Partial<Record<Reason, string>> = {
  unauthorized: "Check the token in DIGITALOCEAN_TOKEN: it may be wrong, expired or revoked.",
  forbidden:
    "If the token lacks a scope: droplet, tag, domain and account (read) are needed, with reserved IPs reserved_ip, with volumes block_storage too; if not, DigitalOcean's words say why.",
  account_locked: "The account itself is locked, the token is not at fault: only DigitalOcean's support unlocks it.",
  droplet_limit: "Raise the account's droplet limit with DigitalOcean, or destroy droplets.",
  unreachable: "Check the network and DIGITALOCEAN_API_URL.",
};

/**
 * @returns undefined where the answer is a refusal for one of these reasons
 * @throws whatever else went wrong
 */
export async function unless<Told>(reasons: ReadonlySet<Reason>, answer: Promise<Told>): Promise<Told | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DigitalOceanError && reasons.has(error.reason)) return undefined;
    throw error;
  }
}

const missing: ReadonlySet<Reason> = new Set(["not_found"]);

/** @returns undefined on a 404, which by itself proves nothing (rule 17) */
export const unlessMissing = <Told>(answer: Promise<Told>): Promise<Told | undefined> => unless(missing, answer);

/** What became of a DELETE: accepted, answered that there is no such thing, or refused for now, with DigitalOcean's words. */
export type Removal = "accepted" | "missing" | { readonly refused: string };

/**
 * @param passes the refusals that pass by themselves
 * @throws whatever else went wrong
 */
export async function removalOf(sent: Promise<void>, passes?: ReadonlySet<Reason>): Promise<Removal> {
  try {
    await sent;
    return "accepted";
  } catch (error) {
    if (!(error instanceof DigitalOceanError)) throw error;
    if (missing.has(error.reason)) return "missing";
    if (passes?.has(error.reason)) return { refused: error.detail ?? error.message };
    throw error;
  }
}

/** Whether this may mean that the provider as a whole fails, rather than this one request (rule 27). */
export function isOutage(error: unknown): boolean {
  return error instanceof DigitalOceanError && outages.has(error.reason);
}

const outages: ReadonlySet<Reason> = new Set([
  "unreachable",
  "timeout",
  "server_error",
  "unauthorized",
  "account_locked",
  "unexpected_answer",
]);

/** What an answer of 400 or more means. The text is consulted only where status and id do not say (rule 29). */
export function reasonFor(status: number, detail: string): Reason {
  if (status >= 500) return "server_error";
  const told = texts.find((row) => row.statuses.includes(status) && row.text.test(detail));
  return told?.reason ?? statuses[status] ?? "invalid";
}

const statuses: Record<number, Reason> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  408: "timeout",
  409: "conflict",
  425: "timeout",
  429: "rate_limited",
  499: "timeout",
};

/**
 * "Your account is locked", "This team has been suspended", "Your account (a@example.com) was blocked", "Locked
 * account": of the account, not of a droplet. A full stop ends the sentence, one within an address does not.
 */
const locked =
  /\b(?:account|team)\b(?:[^.]|\.(?=\S)){0,80}\b(?:locked|suspended|disabled|deactivated|blocked|frozen|on hold)\b|\b(?:locked|suspended|disabled|deactivated|blocked|frozen) (?:account|team)\b/i;

/**
 * The refusals that only their text tells apart: the droplet limit stays, an event that is pending passes
 * (api-v2#104), and so does "please try again" (godo#860, coreos/mantle#794).
 */
const texts: readonly { statuses: readonly number[]; text: RegExp; reason: Reason }[] = [
  { statuses: [401, 402, 403, 423], text: locked, reason: "account_locked" },
  { statuses: [403, 422], text: /droplet limit/i, reason: "droplet_limit" },
  { statuses: [409, 422], text: /pending event/i, reason: "pending_event" },
  { statuses: [409, 422], text: /try again/i, reason: "retry_later" },
];
