import { z } from "zod";
import { timestamp } from "./fields.ts";

const path = z
  .string()
  .max(1000)
  .regex(/^\/[\x21-\x7e]*$/, "must begin with / and be printable ASCII without spaces");

const statuses = /^[1-5]\d\d(?:-[1-5]\d\d)?$/;

/** `200`, or `200-299`: the statuses that are a healthy answer. */
const expect = z
  .string()
  .regex(statuses, "must be a status or a range of them, such as 200-299")
  .refine((it) => {
    const [from = "", to = from] = it.split("-");
    return from <= to;
  }, "must be a range whose end is not before its beginning");

const port = z.int().min(1).max(65_535);

/** How it is asked. `path` and `expect` are for http and https; tcp is healthy when it can be connected to. */
const question = {
  protocol: z.enum(["http", "https", "tcp"]),
  port,
  path: path.optional(),
  expect: expect.optional(),
};

type Question = { readonly protocol: string; readonly path?: string | undefined; readonly expect?: string | undefined };
const fits = ({ protocol, path: at, expect: wanted }: Question): boolean =>
  protocol !== "tcp" || (at === undefined && wanted === undefined);
const misfit = "has neither path nor expect where the protocol is tcp";

/**
 * How a deployment's droplet is asked whether its app is well, at its own address, with the hostname as Host and SNI.
 * Times in seconds. `before_dns`: what is asked instead before DNS leads to it, since a server that gets its certificate
 * by ACME cannot answer https until then; the check itself is then judged afterwards.
 */
export const healthCheck = z
  .strictObject({
    ...question,
    /** Between two questions while a droplet has to become healthy. */
    interval_seconds: z.int().min(1).max(300).default(5),
    timeout_seconds: z.int().min(1).max(60).default(3),
    /** So many answers in a row. */
    healthy_after: z.int().min(1).max(20).default(2),
    unhealthy_after: z.int().min(1).max(20).default(3),
    /** How long a new droplet has to become healthy before it is given up. */
    deadline_seconds: z.int().min(5).max(7200).default(600),
    before_dns: z
      .strictObject({ ...question, protocol: z.enum(["http", "tcp"]) })
      .refine(fits, misfit)
      .optional(),
  })
  .refine(fits, misfit)
  .meta({ id: "HealthCheck" });
export type HealthCheck = z.infer<typeof healthCheck>;

export const healthStates = ["unknown", "healthy", "unhealthy"] as const;

/** What is known of the app on a deployment's droplet, by its health check. `reason`: the last answer against it. */
export const health = z
  .object({ state: z.enum(healthStates), since: timestamp, reason: z.string().nullable() })
  .meta({ id: "Health" });
export type Health = z.infer<typeof health>;
