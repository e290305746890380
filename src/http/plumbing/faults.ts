import type { FastifyError } from "fastify";
import type { ZodFastifySchemaValidationError } from "fastify-type-provider-zod";
import type { z } from "zod";
import type { Fault } from "#api/problem.ts";

export type ValidationError = Omit<FastifyError, "validation"> & {
  readonly validation: readonly ZodFastifySchemaValidationError[];
};

/** The longest list of faults that is told: a request can be wrong in more places than anyone reads. */
const most = 100;

/** Every fault with its dotted path; an unknown field is a fault at that field. */
const told = (at: string, message: string, unknown: unknown): Fault[] =>
  Array.isArray(unknown)
    ? unknown
        .slice(0, most)
        .map((key) => ({ path: at ? `${at}.${key}` : String(key), message: "is not a known field" }))
    : [{ path: at, message }];

export const faultsOf = (error: ValidationError): Fault[] =>
  error.validation
    .slice(0, most)
    .flatMap((fault) =>
      told(fault.instancePath.slice(1).replaceAll("/", "."), fault.message ?? "is not valid", fault.params["keys"]),
    );

export const faultsOfIssues = (issues: readonly z.core.$ZodIssue[]): Fault[] =>
  issues
    .slice(0, most)
    .flatMap((issue) =>
      told(issue.path.join("."), issue.message, issue.code === "unrecognized_keys" ? issue.keys : undefined),
    );
