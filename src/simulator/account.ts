import type { Call, Reply } from "./call.ts";
import { page } from "./pagination.ts";

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

const keys = [
  {
    id: 512189,
    fingerprint: "3b:16:bf:e4:8b:00:8b:b8:59:8c:a9:d3:f0:19:45:fa",
    public_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEaQde8iCKizUOiXlowY1iEL1yCufgjb3aiatGQNPcHb operator",
    name: "operator",
  },
];

/** GET /v2/account/keys, which has a rate limit of its own. */
export const listKeys = (call: Call): Reply => page(call, "ssh_keys", keys, (key) => key);
