import { later, trouble } from "./by-hand.ts";
import { deploy } from "./deploy.ts";
import { bystander, type Stage } from "./stage/stage.ts";
import { grow, type Scenario, whole } from "./scenarios.ts";

/** While its droplet boots the provider answers every GET so, for so many times. */
const answering =
  (times: number, answer: object): Scenario["start"] =>
  async (stage, tx) => {
    later(stage, 3000, () => trouble(stage, { method: "GET", path: "^/v2/", kind: "status", times, ...answer }));
    return deploy(stage, tx, "acme");
  };

const locked = { id: "forbidden", message: "Your account has been locked. Please contact support." };

/** The worker is known, and so is the account. */
const prepare = async (stage: Stage): Promise<void> => {
  await whole(stage, (tx) => deploy(stage, tx, bystander));
  await grow(stage.scheduler);
};

const calm = { saga: "provision_deployment", steps: ["wait_droplet_active"], prepare };

export const weatherScenarios: Readonly<Record<string, Scenario>> = {
  "provision_deployment:token_refused": { ...calm, start: answering(3, { status: 401 }) },
  "provision_deployment:account_locked": { ...calm, start: answering(4, { status: 403, body: locked }) },
  // For longer than a Retry-After is believed: once in a while somebody tries, in vain the first time.
  "provision_deployment:long_away": {
    ...calm,
    start: answering(2, { status: 429, headers: { "ratelimit-remaining": "0", "retry-after": "600" } }),
  },
  // For hardly longer.
  "provision_deployment:just_away": {
    ...calm,
    start: answering(2, { status: 429, headers: { "retry-after": "65" } }),
  },
  // Until a moment in the far future.
  "provision_deployment:away_until": {
    ...calm,
    start: answering(2, { status: 429, headers: { "retry-after": "Fri, 01 Jan 2100 00:00:00 GMT" } }),
  },
  "provision_deployment:unavailable": {
    ...calm,
    start: answering(5, { status: 503, headers: { "retry-after": "25, 40" } }),
  },
};
