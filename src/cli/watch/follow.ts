import { fill, paths } from "#api/paths.ts";
import { type Saga, type SagaEvent, type SagaStatus, saga, sagaEvent } from "#api/sagas.ts";
import { hasEnded } from "#saga-ended.ts";
import { ApiError, NoAnswer } from "#cli/api/api-error.ts";
import type { Api } from "#cli/api/client.ts";
import { noAnswer, parseJson, request } from "#cli/api/request.ts";
import { type Cli, say } from "#cli/cli.ts";
import { Failure } from "#cli/failure.ts";
import { serverSentEvents } from "./server-sent-events.ts";

/** A connection is given up after this long, so that one whose other end is gone is noticed. */
const connectionMs = 60_000;
const reconnectMs = 1000;
const patienceMs = 5 * 60_000;

/** A stuck saga waits for a human, and so does one that is held: there is nothing more to watch. */
export const isSettled = (status: SagaStatus): boolean => hasEnded(status) || waitsForHuman(status);

const waitsForHuman = (status: string): boolean => status === "stuck" || status === "held";

/**
 * Every event of the saga after `sequence`, each once, until it has ended or is stuck; connects again when the
 * connection drops. @returns the saga as it is then
 * @throws {ApiError} when the server refuses; {Failure} when it stays away for 5 minutes
 */
export async function* followSaga(cli: Cli, api: Api, id: string, sequence = 0): AsyncGenerator<SagaEvent, Saga> {
  let last = sequence;
  let lostAt: Date | undefined;
  for (;;) {
    try {
      for await (const event of streamOnce(cli, api, id, last)) {
        lostAt = undefined;
        if (event.sequence <= last) continue;
        last = event.sequence;
        yield event;
        // The history of a saga that was retried holds an end that was none; the saga itself says which this is.
        if (event.type === "saga" && saysSettled(event)) break;
      }
      const { value } = await api.get(fill(paths.saga, { id }), saga);
      if (isSettled(value.status)) return value;
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (lostAt === undefined) say(cli.stderr, "arcadia: the connection dropped; the saga goes on, connecting again");
      lostAt ??= cli.clock.now();
      if (cli.clock.now().getTime() - lostAt.getTime() > patienceMs)
        throw new Failure(`The server stays away. The saga goes on by itself: arcadia sagas watch ${id}`, {
          cause: error,
        });
    }
    await cli.clock.sleep(reconnectMs);
  }
}

const saysSettled = (event: SagaEvent): boolean =>
  typeof event["status"] === "string" && (hasEnded(event["status"]) || waitsForHuman(event["status"]));

const isPassing = (error: unknown): boolean =>
  error instanceof NoAnswer || (error instanceof ApiError && (error.status >= 500 || error.status === 429));

/** Events until the server closes the stream or the connection has had its time. */
async function* streamOnce(cli: Cli, api: Api, id: string, last: number): AsyncGenerator<SagaEvent> {
  const signal = cli.clock.timeout(connectionMs);
  const response = await request(api.address, {
    method: "GET",
    path: fill(paths.sagaEvents, { id }),
    headers: { accept: "text/event-stream", "last-event-id": `${last}` },
    signal,
  });
  if (!response.body) return;
  try {
    for await (const data of serverSentEvents(response.body)) yield sagaEvent.parse(parseJson(data));
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof TypeError ? noAnswer(api.address.url, error) : error;
  }
}
