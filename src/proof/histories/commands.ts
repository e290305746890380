import type { Tx } from "#db/connection.ts";
import { cancel } from "#operations/cancel-deployment.ts";
import { provision } from "#operations/provision-deployment.ts";
import { remove } from "#operations/delete-deployment.ts";
import { SagaRefusal } from "#engine/refusal.ts";
import { claimableDroplet } from "#operations/destroy-droplet.ts";
import { Refusal } from "#refusal.ts";
import { planOperation } from "#operations/operate-deployment.ts";
import { deploy, makeDroplet } from "../deploy.ts";
import { adoptHandmade } from "./handmade.ts";
import { type Stage, zone } from "../stage/stage.ts";
import type { Action } from "./history.ts";

/** What an operator does through the API, in one transaction. @returns what came of it, for the log */
export async function command(stage: Stage, action: Action): Promise<string> {
  try {
    return await stage.db.transaction().execute((tx) => perform(stage, tx, action));
  } catch (error) {
    if (error instanceof Refusal || error instanceof SagaRefusal) return `refused: ${error.code}`;
    throw error;
  }
}

async function perform(stage: Stage, tx: Tx, action: Action): Promise<string> {
  const { sagas } = stage;
  const asker = { tenantId: null, now: new Date(stage.scheduler.now()) };
  switch (action.kind) {
    case "deploy":
      return deploy(stage, tx, action.name, { ...action.wish, host: action.host });
    case "droplet":
      return makeDroplet(stage, tx, action.name);
    case "delete":
      return onDeployment(
        tx,
        action.nth,
        async (id) => void (await remove(tx, sagas, id, { ...asker, destroysPerHour: Infinity, deleteVolume: true })),
      );
    case "cancel":
      return onDeployment(tx, action.nth, async (id) => void (await cancel(tx, sagas, id, "a history", asker)));
    case "provision":
      return onDeployment(
        tx,
        action.nth,
        async (id) => void (await provision(tx, sagas, id, { ...asker, zone, by: "operator" })),
      );
    case "destroy": {
      const rows = await tx.selectFrom("cloud_resources").select("provider_id").orderBy("provider_id").execute();
      const row = rows[action.nth % Math.max(1, rows.length)];
      if (!row) return "there is no droplet";
      await claimableDroplet(tx, row.provider_id, { unmanaged: false });
      return sagas.destroyDroplet(tx, { providerId: row.provider_id, unmanaged: false });
    }
    case "retry": {
      const stuck = await tx.selectFrom("sagas").select("id").where("status", "=", "stuck").orderBy("id").execute();
      for (const { id } of stuck) await sagas.retry(tx, id);
      return `${stuck.length} retried`;
    }
    case "operate": {
      const { name, body, nth } = action;
      return onDeployment(tx, nth, async (id) => {
        const asked = { name, body: await withSnapshot(tx, id, body), isFinal: false, ...asker };
        const { planned } = await planOperation(tx, sagas, id, asked);
        stage.previews.push(`${name}: ${JSON.stringify(planned.preview)}`);
        await planned.start();
      });
    }
    case "sync":
      return String(await stage.chores.requestChore(tx, "sync"));
    case "adopt":
      return adoptHandmade(stage, tx, action.host);
    case "handmade":
    case "lose":
    case "crash":
    case "freeze":
    case "fault":
    case "absence":
    case "outage":
    case "undone":
      throw new Error(`A ${action.kind} is no operator's command`);
  }
}

/** What is asked of the newest snapshot is asked of the deployment's own, where it has one. */
async function withSnapshot(tx: Tx, id: string, body: object): Promise<object> {
  if (!("snapshot" in body)) return body;
  const query = tx.selectFrom("snapshots").select("name").where("deployment_id", "=", id);
  const newest = await query.orderBy("created_at", "desc").executeTakeFirst();
  return { ...body, snapshot: newest?.name ?? "none" };
}

async function onDeployment(tx: Tx, nth: number, act: (id: string) => Promise<void>): Promise<string> {
  const rows = await tx.selectFrom("deployments").select("id").orderBy("created_at").orderBy("id").execute();
  const row = rows[nth % Math.max(1, rows.length)];
  if (!row) return "there is no deployment";
  await act(row.id);
  return row.id;
}
