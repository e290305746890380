import { paths } from "#api/paths.ts";
import { saga, sagaCancel, sagaPage, sagaQuery, sagaResolution } from "#api/sagas.ts";
import { snapshot } from "#db/transact.ts";
import { releaseHold } from "#operations/release-hold.ts";
import { listSagas } from "#saga-queries/queries.ts";
import { idInPath, noBody, type Routes } from "../plumbing/app.ts";
import { callerOf } from "../plumbing/auth.ts";
import { scoped } from "../plumbing/caller.ts";
import type { Change, Changed } from "../plumbing/change.ts";
import { emptyPage, keyset, page } from "../plumbing/pages.ts";
import { presentSaga } from "./present.ts";
import { showSaga } from "./saga-show.ts";

export const sagaRoutes: Routes = (app, { db, sagas, change }) => {
  app.get(
    paths.sagas,
    { schema: { summary: "List sagas, newest first", querystring: sagaQuery, response: { 200: sagaPage } } },
    async (request) => {
      const query = scoped(callerOf(request), request.query);
      if (!query) return emptyPage;
      const rows = await snapshot(db, (tx) => listSagas(tx, query, keyset("sagas", query)));
      return page("sagas", rows, query, (row) => ({ at: row.created_at, id: row.id }), presentSaga);
    },
  );

  app.get(
    paths.saga,
    { schema: { summary: "Show a saga with its steps", params: idInPath, response: { 200: saga } } },
    (request) => snapshot(db, (tx) => showSaga(tx, request.params.id, callerOf(request).tenantId)),
  );

  app.post(
    paths.sagaCancel,
    {
      schema: {
        summary: "Roll a saga back",
        params: idInPath,
        body: sagaCancel.nullish(),
        response: { 202: saga },
      },
    },
    (request, reply) =>
      change(request, reply, (it) => {
        const reason = request.body?.reason ?? `cancelled by ${it.caller.name}`;
        return asked(it, request.params.id, "saga.cancel", { reason }, (id) => sagas.cancel(it.tx, id, reason));
      }),
  );

  app.post(
    paths.sagaRetry,
    { schema: { summary: "Run a stuck saga on", params: idInPath, body: noBody, response: { 202: saga } } },
    (request, reply) =>
      change(request, reply, (it) => asked(it, request.params.id, "saga.retry", {}, (id) => sagas.retry(it.tx, id))),
  );

  app.post(
    paths.sagaResolve,
    {
      schema: {
        summary: "Close a stuck saga: what could not be done counts as done by hand",
        params: idInPath,
        body: sagaResolution,
        response: { 202: saga },
      },
    },
    (request, reply) =>
      change(request, reply, (it) => {
        const resolution = { reason: request.body.reason, by: it.caller.name };
        return asked(it, request.params.id, "saga.resolve", resolution, (id) => sagas.resolve(it.tx, id, resolution));
      }),
  );

  app.post(
    paths.sagaReleaseHold,
    {
      schema: {
        summary: "Let a held saga begin: more is destroyed in this hour than may be without a look",
        params: idInPath,
        body: noBody,
        response: { 202: saga },
      },
    },
    (request, reply) =>
      change(request, reply, (it) =>
        asked(it, request.params.id, "saga.release_hold", {}, (id) => releaseHold(it.tx, sagas, id)),
      ),
  );
};

/** Asks something of a saga that the caller can see, and answers with the saga as it is then. */
async function asked(
  { tx, caller }: Change,
  id: string,
  action: string,
  detail: Record<string, string>,
  ask: (id: string) => Promise<void>,
): Promise<Changed> {
  const before = await showSaga(tx, id, caller.tenantId);
  await ask(id);
  return {
    status: 202,
    body: await showSaga(tx, id, caller.tenantId),
    location: `${paths.sagas}/${id}`,
    audit: {
      action,
      object_type: "saga",
      object_id: id,
      tenant_id: before.tenant_id,
      detail: { ...detail, saga: before.name, from: before.status },
    },
  };
}
