import { Readable } from "node:stream";
import { z } from "zod";
import { paths } from "#api/paths.ts";
import { snapshot } from "#db/transact.ts";
import { eventQuery } from "#api/sagas.ts";
import { refuseFaults } from "#refusal.ts";
import { idInPath, type Routes } from "../plumbing/app.ts";
import { callerOf } from "../plumbing/auth.ts";
import { limits } from "../plumbing/limits.ts";
import { sagaStream } from "./saga-stream.ts";
import { showSaga } from "./saga-show.ts";
import { streamSlots } from "../plumbing/stream-slots.ts";

const sequenceFormat = /^\d{1,9}$/;

export const sagaEventRoutes: Routes = (app, { db, clock, feed, streamsPerToken = limits.streamsPerToken }) => {
  const slots = streamSlots(streamsPerToken);
  app.addHook("preClose", async () => slots.closeAll());

  app.get(
    paths.sagaEvents,
    {
      schema: {
        summary: "A saga's events as server-sent events, from its first or after Last-Event-ID, until it ends",
        params: idInPath,
        querystring: eventQuery,
        response: {
          200: {
            description: "SagaEvent as `data`",
            content: { "text/event-stream": { schema: z.custom<Readable>() } },
          },
        },
      },
    },
    async (request, reply) => {
      const { id: sagaId } = request.params;
      const { tokenId, tenantId } = callerOf(request);
      const last = request.headers["last-event-id"];
      if (last !== undefined && (typeof last !== "string" || !sequenceFormat.test(last)))
        refuseFaults([{ path: "Last-Event-ID", message: "must be the id of an event of this stream" }]);
      await snapshot(db, (tx) => showSaga(tx, sagaId, tenantId));
      const { closing, release } = slots.take(tokenId);
      const gone = new AbortController();
      request.raw.socket.once("close", () => gone.abort());
      const signal = AbortSignal.any([closing, gone.signal]);
      const from = last === undefined ? (request.query.after ?? 0) : Number(last);
      const events = Readable.from(sagaStream({ db, clock, feed }, { sagaId, after: from, tokenId, signal }));
      events.once("close", release);
      return (
        reply
          // A connection that stayed open after its stream would keep the server from closing.
          .header("connection", "close")
          .header("cache-control", "no-store")
          .header("x-accel-buffering", "no")
          .type("text/event-stream; charset=utf-8")
          .send(events)
      );
    },
  );
};
