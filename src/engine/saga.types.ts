import { z } from "zod";
import { Saga } from "./saga.ts";
import type { Step } from "./step.ts";

// Wrong sagas, which must not compile. `tsc` is the test: an expectation that is not met is an error.

interface World {
  readonly send: (what: string) => Promise<void>;
}
interface Spec {
  readonly region: string;
  readonly size: string;
}

const step = <const Name extends string, Reads, Output extends object, Intent = never>(
  it: Step<Name, Reads, Output, Intent, World>,
) => it;
const begin = <Input>(input: z.ZodType<Input>) => new Saga<Input, { readonly input: Input }, World>("a saga", input);
const spec = z.object({ region: z.string(), size: z.string() });

const uploadKey = step({
  name: "upload_key",
  writes: z.object({ key_id: z.int() }),
  execute: async ({ input }: { input: Spec }, io) => {
    await io.send(input.region);
    return { key_id: 1 };
  },
  compensate: async () => undefined,
});
const createServer = step({
  name: "create_server",
  writes: z.object({ server_id: z.int() }),
  execute: async ({ key_id }: { input: Spec; key_id: number }) => ({ server_id: key_id }),
  compensate: async ({ server_id }, io) => io.send(`${server_id ?? "by its tag"}`),
});
const awaitServer = step({
  name: "await_server",
  writes: z.object({ address: z.string() }),
  execute: async ({ server_id }: { server_id: number }) => ({ address: `${server_id}` }),
  compensate: async () => undefined,
});

const reportHealth = step({
  name: "report_health",
  writes: z.object({ healthy: z.boolean() }),
  execute: async ({ address }: { address: string }) => ({ healthy: address !== "" }),
  compensate: async () => undefined,
});
const announce = step({
  name: "announce",
  writes: z.object({}),
  execute: async ({ healthy }: { healthy?: boolean }, io) => {
    await io.send(healthy === undefined ? "nobody asked" : `${healthy}`);
    return {};
  },
  compensate: async () => undefined,
});
const boast = step({
  name: "boast",
  writes: z.object({}),
  execute: async ({ healthy }: { healthy: boolean }) => ({ ...(healthy && {}) }),
  compensate: async () => undefined,
});
const inside = { when: ({ input }: { readonly input: Spec }) => input.region === "inside" };

/** Right ones, for comparison. */
export const right = [
  begin(spec).step(uploadKey).step(createServer).step(awaitServer),
  begin(spec).step(uploadKey).step(createServer).step(awaitServer).step(reportHealth, inside).step(announce),
  begin(spec).step(uploadKey).step(createServer).step(awaitServer).step(reportHealth).step(boast),
  begin(spec).step(uploadKey).pivot(createServer).step(awaitServer).retire(reportHealth),
];

export const wrong = [
  // @ts-expect-error reads key_id, which nobody wrote
  () => begin(spec).step(createServer),

  // @ts-expect-error wrong order
  () => begin(spec).step(createServer).step(uploadKey),

  // @ts-expect-error a step was left out
  () => begin(spec).step(uploadKey).step(awaitServer),

  // @ts-expect-error a name is taken once
  () => begin(spec).step(uploadKey).step(uploadKey),

  () => {
    const again = step({
      name: "upload_key_again",
      writes: z.object({ key_id: z.int() }),
      execute: async () => ({ key_id: 2 }),
      compensate: async () => undefined,
    });
    // @ts-expect-error a key is written once
    begin(spec).step(uploadKey).step(again);
  },

  // @ts-expect-error what a step that may be left out writes may be missing
  () => begin(spec).step(uploadKey).step(createServer).step(awaitServer).step(reportHealth, inside).step(boast),

  // @ts-expect-error a step that was left out may still not be there twice
  () => begin(spec).step(uploadKey, inside).step(uploadKey),

  // @ts-expect-error what decides is the input: it has no colour
  () => begin(spec).step(uploadKey, { when: ({ input }) => input.colour === "red" }),

  // @ts-expect-error a pivot cannot be left out
  () => begin(spec).pivot(uploadKey, inside),

  // @ts-expect-error a pivot reads what nobody wrote
  () => begin(spec).pivot(createServer),

  // @ts-expect-error nobody reads what a retired step wrote
  () => begin(spec).retire(uploadKey).step(createServer),

  // @ts-expect-error the input has no size
  () => begin(z.object({ region: z.string() })).step(uploadKey),

  () => {
    const liar = step({
      name: "upload_key",
      writes: z.object({ key_id: z.string() }),
      execute: async () => ({ key_id: "1" }),
      compensate: async () => undefined,
    });
    // @ts-expect-error key_id is a string here
    begin(spec).step(liar).step(createServer);
  },

  () =>
    step({
      name: "upload_key",
      writes: z.object({ key_id: z.int() }),
      // @ts-expect-error returns what `writes` does not allow
      execute: async () => ({ key_id: "1" }),
      compensate: async () => undefined,
    }),

  () =>
    step({
      name: "upload_key",
      writes: z.object({ key_id: z.int() }),
      execute: async () => ({ key_id: 1 }),
      // @ts-expect-error its own output may be undefined: it may have crashed after the call and before the commit
      compensate: async ({ key_id }, io) => io.send(key_id.toFixed()),
    }),

  () => {
    const reader = step({
      name: "read_status",
      writes: z.object({}),
      execute: async ({ server }: { server: { id: number; status: string } }, io) => {
        await io.send(server.status);
        return {};
      },
      compensate: async () => undefined,
    });
    const writer = step({
      name: "write_server",
      writes: z.object({ server: z.object({ id: z.int() }) }),
      execute: async () => ({ server: { id: 1 } }),
      compensate: async () => undefined,
    });
    // @ts-expect-error only the server's id was written, not its status
    begin(spec).step(writer).step(reader);
  },
];
