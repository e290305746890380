import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";

/** A POST of unknown outcome is sent again, as the official clients do (rule 14). */
export const retryPost = (client: DigitalOcean): DigitalOcean => ({
  ...client,
  droplets: {
    ...client.droplets,
    create: (input, call) =>
      client.droplets.create(input, call).catch((error: unknown) => {
        if (error instanceof DigitalOceanError && error.effect === "unknown")
          return client.droplets.create(input, call);
        throw error;
      }),
  },
});

/** A create may be sent however late, and by a worker that has lost its saga (rule 12). */
export const ignoreNotAfter = (client: DigitalOcean): DigitalOcean => ({
  ...client,
  droplets: {
    ...client.droplets,
    create: (input, { priority, sagaId = "" }) => client.droplets.create(input, { priority, sagaId }),
  },
});

/** Every token is taken for the right account's (rule 26). */
export const trustAnyAccount = (client: DigitalOcean): DigitalOcean => ({
  ...client,
  account: {
    ...client.account,
    get: async (call) => ({
      ...(await client.account.get(call)),
      uuid: "00000000-0000-4000-8000-000000000000",
      team_uuid: null,
    }),
  },
});

/** A kind whose look misses by name: what the list shows is called otherwise than what was asked for (rule 13). */
export const missByName = (client: DigitalOcean): DigitalOcean => ({
  ...client,
  snapshots: {
    ...client.snapshots,
    list: async (of, call) => {
      const listing = await client.snapshots.list(of, call);
      return { ...listing, items: listing.items.map((it) => ({ ...it, name: it.name?.toUpperCase() ?? null })) };
    },
  },
});

/** An error quotes the request that failed. */
export const quoteSecrets = (client: DigitalOcean): DigitalOcean => ({
  ...client,
  droplets: {
    ...client.droplets,
    create: (input, call) =>
      client.droplets.create(input, call).catch((error: unknown) => {
        throw new Error(`Creating ${JSON.stringify(input)} failed`, { cause: error });
      }),
  },
});
