import type { Call, Reply } from "./call.ts";

/** GET /v2/account */
export function getAccount({ who, settings }: Call): Reply {
  return {
    status: 200,
    body: {
      account: {
        droplet_limit: settings.dropletLimit,
        floating_ip_limit: 3,
        email: "operator@example.com",
        name: "Simulated Account",
        uuid: who.user,
        email_verified: true,
        status: "active",
        status_message: "",
        ...(who.team && { team: who.team }),
      },
    },
  };
}
