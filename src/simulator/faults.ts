import { validateHeaderName, validateHeaderValue } from "node:http";
import { z } from "zod";

/** What is lost or falsified on the way, and what goes wrong at the provider itself. */
const onTheWay = ["status", "reset", "hang", "html"] as const;
const atTheProvider = ["placement_failure", "ineffective"] as const;

function isRegularExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** How the answer is framed is the server's matter: with these, its body would not be what was asked for. */
const framing = new Set(["connection", "content-length", "keep-alive", "trailer", "transfer-encoding", "upgrade"]);

/** Header names in lower case, so that one replaces the usual header of that name. */
const headers = z.record(z.string(), z.union([z.string(), z.number()])).transform((given, context) => {
  const sent: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const lower = name.toLowerCase();
    if (framing.has(lower)) context.addIssue(`${name}: is not for a fault to set`);
    else if (!isSendable(lower, String(value))) context.addIssue(`${name}: cannot be sent`);
    else sent[lower] = String(value);
  }
  return sent;
});

function isSendable(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

const isOnTheWay = ({ kind }: { kind: string }): boolean => onTheWay.some((each) => each === kind);

const shape = z
  .strictObject({
    method: z
      .string()
      .transform((method) => method.toUpperCase())
      .pipe(z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"])),
    path: z.string().min(1).refine(isRegularExpression, "is not a regular expression"),
    kind: z.enum([...onTheWay, ...atTheProvider]),
    status: z.number().int().min(200).max(599).optional(),
    after_commit: z.boolean().default(false),
    times: z.number().int().min(1).max(1_000_000).default(1),
    headers: headers.optional(),
    body: z.unknown().optional(),
    delay_ms: z.number().int().min(0).max(3_600_000).optional(),
  })
  .refine((fault) => fault.kind !== "status" || fault.status !== undefined, "status: is needed for this kind")
  .refine(
    (fault) => fault.kind !== "html" || fault.body === undefined || typeof fault.body === "string",
    "body: must be a string for this kind",
  )
  .refine((fault) => !fault.after_commit || isOnTheWay(fault), "after_commit: does not go with this kind")
  .refine(
    (fault) => fault.kind !== "placement_failure" || fault.method === "POST",
    "method: must be POST for this kind",
  )
  .refine(
    (fault) =>
      fault.kind !== "ineffective" ||
      fault.method === "DELETE" ||
      (fault.method === "POST" && /\/actions\b/.test(fault.path)),
    "method: must be DELETE for this kind, or path that of actions",
  );

export type Fault = z.infer<typeof shape>;

/** Such a fault replaces the answer; the others change what the route does. */
export const replacesAnswer = (fault: Fault): boolean => isOnTheWay(fault);

/** Faults to come, each for the next `times` requests that its method and path match; the first armed goes first. */
export class Faults {
  #armed: { fault: Fault; path: RegExp }[] = [];

  /** The armed fault, or the reason why it is none. */
  arm(spec: unknown): Fault | { reason: string } {
    const parsed = shape.safeParse(spec);
    if (!parsed.success) {
      const reasons = parsed.error.issues.map((issue) => [...issue.path, issue.message].join(" "));
      return { reason: reasons.join("; ") };
    }
    this.#armed.push({ fault: parsed.data, path: new RegExp(parsed.data.path) });
    return { ...parsed.data };
  }

  armed(): Fault[] {
    return this.#armed.map(({ fault }) => ({ ...fault }));
  }

  disarm(): void {
    this.#armed = [];
  }

  /** The fault for this request, which uses up one of its times. */
  take(method: string, path: string): Fault | undefined {
    const hit = this.#armed.find((each) => each.fault.method === method && each.path.test(path));
    if (!hit) return undefined;
    hit.fault.times--;
    if (hit.fault.times === 0) this.#armed = this.#armed.filter((each) => each !== hit);
    return hit.fault;
  }
}
