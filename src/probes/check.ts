import { z } from "zod";

const question = z.object({
  protocol: z.enum(["http", "https", "tcp"]),
  port: z.int(),
  path: z.string().optional(),
  expect: z.string().optional(),
});

/** What a droplet is asked. */
export type Question = z.output<typeof question>;

/** A health check as the API took it: stored on releases and deployments, and in the input of sagas. Times in seconds. */
export const storedCheck = question.extend({
  interval_seconds: z.number(),
  timeout_seconds: z.number(),
  healthy_after: z.int(),
  unhealthy_after: z.int(),
  deadline_seconds: z.number(),
  before_dns: question.optional(),
});
export type Check = z.output<typeof storedCheck>;
