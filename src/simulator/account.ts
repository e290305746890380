import type { Call, Reply } from "./call.ts";

/** GET /v2/account */
export function getAccount({ account, settings }: Call): Reply {
  return {
    status: 200,
    body: {
      account: {
        droplet_limit: settings.dropletLimit,
        floating_ip_limit: 3,
        email: "operator@example.com",
        name: "Simulated Account",
        uuid: account.uuid,
        email_verified: true,
        status: "active",
        status_message: "",
        team: { uuid: account.uuid, name: "Simulated Team" },
      },
    },
  };
}
