import { pause, type Stack, until, zone } from "./stack.ts";
import { deploy, type Deployed, ended } from "./stack-deployments.ts";

export const parking = "192.0.2.1";
export const timing = { gone: 1.5 };

/** Deployments that are active and old enough for every look to show them. */
export async function active(
  stack: Stack,
  count: number,
  wish: Parameters<typeof deploy>[1] = {},
): Promise<Deployed[]> {
  const all = await Promise.all(Array.from({ length: count }, () => deploy(stack, wish)));
  for (const { sagaId } of all) await ended(stack, sagaId);
  await pause(1300);
  await sync(stack);
  await pause(300);
  return all;
}

/** A look at the account: as cron asks for it, and has ended. */
export async function sync(stack: Stack): Promise<void> {
  const before = await looks(stack);
  await stack.requestChore("sync");
  await until("a look at the account", async () => (await looks(stack)) > before);
}
const looks = async (stack: Stack): Promise<number> =>
  (await stack.db.selectFrom("looks").select("id").where("scope", "=", "account").execute()).length;

/** What cron does each minute, as often as it takes. */
export const following = <T>(
  stack: Stack,
  what: string,
  ask: () => Promise<T | undefined | false | null>,
): Promise<T> =>
  until(what, async () => {
    await stack.requestChore("absences");
    await pause(150);
    return ask();
  });

export const dropletOf = async (stack: Stack, { id }: Deployed) =>
  stack.db
    .selectFrom("cloud_resources")
    .select(["provider_id", "public_ipv4"])
    .where("deployment_id", "=", id)
    .executeTakeFirstOrThrow();
export const recordOf = (stack: Stack, { hostname }: Deployed) =>
  stack
    .truth()
    .domains.find(({ name }) => name === zone)
    ?.records.find((it) => `${it.name}.${zone}` === hostname && it.type === "A");
export const conditionsOf = (stack: Stack, { id }: Deployed) =>
  stack.db
    .selectFrom("deployment_conditions")
    .selectAll()
    .where("deployment_id", "=", id)
    .where("raised_at", "is not", null)
    .where("cleared_at", "is", null)
    .execute();
export const absences = (stack: Stack) => stack.db.selectFrom("droplet_absences").selectAll().execute();
export const problems = (stack: Stack) => stack.db.selectFrom("problems").selectAll().execute();
export const parkings = (stack: Stack) =>
  stack.db.selectFrom("sagas").selectAll().where("name", "=", "park_deployment").execute();
export const messages = async (stack: Stack, type: string) =>
  (await stack.db.selectFrom("webhook_messages").select("data").where("type", "=", type).orderBy("at").execute()).map(
    ({ data }) => data as Record<string, unknown>,
  );

/** Somebody who is told, so that messages are written. */
export const subscribe = (stack: Stack) =>
  stack.db
    .insertInto("webhooks")
    .values({
      id: stack.ids.uuid(),
      url: "https://hooks.example.com/",
      events: ["*"],
      secret: stack.secrets.seal("whsec_c2VjcmV0c2VjcmV0c2VjcmV0", "nobody"),
      created_at: stack.clock.now(),
      updated_at: stack.clock.now(),
    })
    .execute();

/** The provider shows none of these, in lists or by id, until it is disarmed. */
export async function hide(stack: Stack, hidden: readonly number[]): Promise<void> {
  const answer = await stack.provider("GET", "/v2/droplets?per_page=200");
  const { droplets } = (await answer.json()) as { droplets: { id: number }[] };
  const shown = droplets.filter(({ id }) => !hidden.includes(id));
  const body = { droplets: shown, links: {}, meta: { total: shown.length } };
  await stack.arm({ method: "GET", path: "^/v2/droplets$", kind: "status", status: 200, body, times: 1_000_000 });
  for (const id of hidden) {
    const gone = { id: "not_found", message: "The resource you were accessing could not be found." };
    await stack.arm({
      method: "GET",
      path: `^/v2/droplets/${id}$`,
      kind: "status",
      status: 404,
      body: gone,
      times: 1_000_000,
    });
  }
}
