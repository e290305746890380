import { parseArgs } from "node:util";
import { openCloud } from "./server.ts";
import { openStore } from "./store.ts";

const text = { type: "string", default: "" } as const;
const { values } = parseArgs({ options: { port: text, token: text, seed: text, journal: text } });
const port = Number(values.port);
await openCloud({ port, token: values.token, seed: Number(values.seed), store: openStore(values.journal) });
console.log(`cloud on http://127.0.0.1:${port}`);
