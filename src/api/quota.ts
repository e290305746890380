import { quota as shape } from "#quota.ts";

export const quota = shape.meta({ id: "Quota" });
