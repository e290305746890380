import { z } from "zod";
import type { Call } from "./call.ts";
import type { Http } from "./http.ts";

const account = z.object({ uuid: z.string().min(1), droplet_limit: z.int(), status: z.string() });

export type Account = Readonly<z.output<typeof account>>;

export interface AccountApi {
  /** Whose token this is, and how many droplets that account may have. */
  get(call: Call): Promise<Account>;
}

export function createAccount(http: Http): AccountApi {
  const schema = z.object({ account }).transform((body) => body.account);
  return { get: (call) => http.send({ method: "GET", route: "/v2/account", schema }, call) };
}
