import { defineConfig } from "oxlint";

/** The nouns: the rows of one thing each, and their rules. No noun imports another. */
export const nouns =
  "tenants releases deployments probes snapshots inventory catalogue provider tokens audit saga-queries webhooks costs".split(
    " ",
  );

/** What a noun may know of the floors below: what the ledger holds, by which handle, and that every change is audited. */
const below = [
  "resources/rows.ts",
  "resources/kinds/droplet-handle.ts",
  "resources/kinds/record-handle.ts",
  "resources/kinds/volume-handle.ts",
  "resources/kinds/reserved-ip-handle.ts",
  "audit/queries.ts",
];

/** How the API asks for sagas, and how they refuse, without knowing a step or the provider. */
const doors = ["sagas/start.ts", "engine/refusal.ts"];

/** The door is clear of the rest of its folder. */
const door = "src/sagas/start.ts";
const clockFile = "src/clock.ts";
const browserClockFile = "src/dashboard/time/browser-clock.ts";
const queueFile = "src/webhooks/queue.ts";

export interface Room {
  /** Files, as the linter's globs; a folder in this table is one of these. */
  readonly files: readonly string[];
  readonly what: string;
  /** Folders and files under src/ that it may import beside the leaves. */
  readonly may: readonly string[];
}

/**
 * Who may import what: the folders are the architecture, and test/boundaries.test.ts proves each row. The leaves, files
 * right under src/, are open to all and import no folder. main/ composes everything and is imported by nobody.
 * The table in ARCHITECTURE.md is generated from this one by `npm run generate`.
 */
export const rooms: readonly Room[] = [
  { files: ["src/*.ts", clockFile], what: "leaves: configuration, clock, ids, log", may: [] },
  { files: ["src/api/**"], what: "the contract: zod bodies, paths, problem codes", may: [] },
  { files: ["src/db/**"], what: "connection, migrations, listener, embedded PostgreSQL", may: [] },
  { files: ["src/secrets/**"], what: "sealing what is stored, with a key outside the database", may: [] },
  { files: ["src/backup/**"], what: "the file of a backup: written, proven, read back", may: [] },
  {
    files: ["src/engine/**"],
    what: "sagas as data, claims, verdicts, rollback; `store.ts` has its SQL, `chores.ts` what is nobody's saga",
    may: ["db"],
  },
  { files: ["src/providers/**"], what: "our client: one file per resource, one error", may: [] },
  {
    files: ["src/providers/digitalocean/{budget,store}*.ts"],
    what: "the request budget that all workers share",
    may: ["db"],
  },
  { files: ["src/simulator/**"], what: "DigitalOcean as a real server; shares no code with the client", may: [] },
  {
    files: nouns.map((noun) => `src/${noun}/**`),
    what: "one noun each: its rows and queries; it imports no other noun",
    may: ["db", "secrets", ...below],
  },
  { files: [queueFile], what: "who waits for a delivery, and until when; it alone knows pg-boss", may: ["db"] },
  { files: ["src/retention/**"], what: "what goes once it is old, and how", may: ["db"] },
  { files: ["src/metrics/**"], what: "what is counted and shown to Prometheus", may: ["db", ...nouns] },
  {
    files: ["src/operations/**"],
    what: "what API, CLI and dashboard may ask for: one file a use case, in the caller's one transaction",
    may: ["db", "secrets", ...below, ...doors, ...nouns],
  },
  {
    files: ["src/resources/*.ts"],
    what: "the ledger of what we have at the provider, and the verbs `ensure`, `bring`, `remove`; they know no noun",
    may: ["db", "engine", "providers"],
  },
  {
    files: ["src/resources/kinds/**"],
    what: "what differs from kind to kind of things there: one file each",
    may: ["db", "engine", "providers", "resources", ...nouns],
  },
  {
    files: ["src/fleet/**"],
    what: "what one worker does for all: the look, contact, sync, strays, rechecks",
    may: ["db", "engine", "providers", "resources", ...nouns],
  },
  {
    files: ["src/sagas/**"],
    what: "one file per saga, one thin file per step",
    may: ["db", "secrets", "engine", "providers", "resources", "fleet", ...nouns],
  },
  { files: [door], what: "how sagas are asked for, without knowing a step", may: ["db", "tenants"] },
  {
    files: ["src/http/**"],
    what: "the server, `routes/` with one file a noun, and `plumbing/`; never a step, never the provider",
    may: ["api", "db", "secrets", "operations", ...below, ...doors, ...nouns],
  },
  { files: ["src/cli/**"], what: "one file per command; a client of the API", may: ["api"] },
  {
    files: ["src/cli/commands/{serve,worker,migrate,simulate,demo,prove,backup,restore,purge}.ts"],
    what: "the commands that run the product, or its proofs, in their own process",
    may: ["api", "main", "proof/prove.ts"],
  },
  { files: ["src/dashboard/**"], what: "a client of the API", may: ["api"] },
  {
    files: ["src/proof/**"],
    what: "the proofs: the product's own wiring against the simulator",
    may: [
      "main",
      "db",
      "secrets",
      "engine",
      "providers",
      "simulator",
      "resources",
      "fleet",
      "sagas",
      "operations",
      ...nouns,
    ],
  },
];

const tests = ["**/*.test.ts", "test/**", "bench/**", "examples/**"];

const timers = {
  regex: "^(node:)?timers(/promises)?$",
  message: "Time is handed in: use the Clock of src/clock.ts.",
};
const queue = { regex: "^pg-boss$", message: "src/webhooks/queue.ts is the only file that knows pg-boss." };
type Pattern = { message: string } & ({ group: string[] } | { regex: string });

/** One row of the table as rules. An override replaces the one before it, so each carries the common patterns. */
function row(files: string, allowed: readonly string[]) {
  if (!files.endsWith("/**")) return [rule(files, files, allowed)];
  // Out of the folder is one level up for its own files, and two for those of a folder within it.
  return [rule(files, files.replace("/**", "/*"), allowed), rule(files, files.replace("/**", "/*/**"), allowed)];
}

function rule(name: string, files: string, allowed: readonly string[]) {
  const upAndDown = {
    regex: files.endsWith("/*/**") ? "^(\\.\\./){2,}[a-z-]+/" : "^(\\.\\./)+[a-z-]+/",
    message: "Another folder is #folder/file.ts; inside a folder it is ./file.ts.",
  };
  const own = files === door ? [] : [name.split("/")[1] ?? ""];
  const open = [...own, ...allowed].map((path) => (path.endsWith(".ts") ? `!#${path}` : `!#${path}/**`));
  const rest = files === door ? ["./**"] : [];
  const folders = {
    group: ["#*/**", ...open, ...rest],
    message: `${name} may import ${["the leaves", ...allowed].join(", ")}: see the table in oxlint.config.ts.`,
  };
  const patterns: Pattern[] = [folders, upAndDown];
  if (files !== clockFile) patterns.push(timers);
  if (files !== queueFile) patterns.push(queue);
  const restricted: ["error", { patterns: Pattern[] }] = ["error", { patterns }];
  return { files: [files], rules: { "no-restricted-imports": restricted } };
}

/** What product, proofs and simulator all misunderstand, only a provider shows that none of them has a part in. */
const ofItsOwn = {
  group: ["#*", "#*/**", "../**", "!#proof/truth.ts"],
  message: "The provider of the storms shares no code with the product or the simulator.",
};

export default defineConfig({
  plugins: ["eslint", "typescript", "unicorn", "oxc", "import", "node", "promise"],
  categories: { correctness: "error" },
  ignorePatterns: ["src/db/schema.ts"],
  rules: {
    eqeqeq: "error",
    "max-lines": ["error", { max: 300 }],
    "no-console": "error",
    "no-restricted-globals": [
      "error",
      ...["setTimeout", "setInterval", "setImmediate"].map((name) => ({ name, message: timers.message })),
    ],
    "no-restricted-properties": [
      "error",
      { object: "Date", property: "now", message: timers.message },
      { object: "AbortSignal", property: "timeout", message: timers.message },
      { object: "performance", property: "now", message: timers.message },
    ],
    "no-shadow": "error",
    "preserve-caught-error": "error",
    "import/no-cycle": "error",
    "node/no-process-env": "error",
    "typescript/consistent-type-assertions": ["error", { assertionStyle: "never" }],
    "typescript/consistent-type-imports": "error",
    "typescript/no-explicit-any": "error",
    "typescript/no-misused-promises": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/no-unnecessary-condition": "error",
    "typescript/no-unnecessary-type-assertion": "error",
    "typescript/only-throw-error": "error",
    "typescript/return-await": ["error", "error-handling-correctness-only"],
    // Our objects are closures: a method taken off one keeps working.
    "typescript/unbound-method": "off",
    "typescript/switch-exhaustiveness-check": "error",
    "unicorn/filename-case": ["error", { case: "kebabCase" }],
  },
  overrides: [
    ...rooms.flatMap(({ files, may }) => files.flatMap((it) => row(it, may))),
    { files: ["src/engine/**"], rules: { "typescript/consistent-type-assertions": "off" } },
    { files: ["src/config.ts"], rules: { "node/no-process-env": "off" } },
    {
      files: [clockFile, browserClockFile],
      rules: { "no-restricted-globals": "off", "no-restricted-properties": "off" },
    },
    { files: ["src/cli/**", "src/main/**", "src/proof/*.ts"], rules: { "no-console": "off" } },
    {
      files: tests,
      rules: {
        "no-console": "off",
        "no-restricted-globals": "off",
        "no-restricted-imports": "off",
        "no-restricted-properties": "off",
        "node/no-process-env": "off",
        "typescript/no-non-null-assertion": "off",
        "typescript/consistent-type-assertions": "off",
        "typescript/no-unnecessary-condition": "off",
      },
    },
    { files: ["test/chaos/cloud/**"], rules: { "no-restricted-imports": ["error", { patterns: [ofItsOwn] }] } },
  ],
});
