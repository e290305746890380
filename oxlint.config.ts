import { defineConfig } from "oxlint";

/** The nouns: rules and queries about one thing each. */
const nouns =
  "tenants deployments provisioned inventory dns catalogue provider tokens audit progress webhooks metrics".split(" ");

/**
 * How the API and the nouns ask for sagas, how they are refused, and what the ledger holds, without knowing a step or the
 * provider.
 */
const doors = ["sagas/start.ts", "engine/refusal.ts", "resources/rows.ts"];

/** The door is clear of the rest of its folder; the two others may import what is their matter alone. */
const door = "src/sagas/start.ts";
const clockFile = "src/clock.ts";
const browserClockFile = "src/dashboard/time/browser-clock.ts";
const queueFile = "src/engine/queue.ts";

/**
 * Who may import what: the folders are the architecture, and test/boundaries.test.ts proves each row. The leaves, files
 * right under src/, are open to all and import no folder. main/ composes everything and is imported by nobody.
 */
const imports: Record<string, readonly string[]> = {
  "src/*.ts": [],
  [clockFile]: [],
  "src/api/**": [],
  "src/db/**": [],
  "src/secrets/**": [],
  "src/backup/**": [],
  "src/engine/**": ["db"],
  [queueFile]: ["db"],
  "src/digitalocean/**": [],
  "src/digitalocean/{budget,store}*.ts": ["db"],
  "src/simulator/**": [],
  ...Object.fromEntries(nouns.map((noun) => [`src/${noun}/**`, ["db", "secrets", ...doors, ...nouns]])),
  // The ledger and the verbs know no noun: what they are about is a kind's matter.
  "src/resources/*.ts": ["db", "engine", "digitalocean"],
  "src/resources/kinds/**": ["db", "engine", "digitalocean", "resources", ...nouns],
  "src/fleet/**": ["db", "engine", "digitalocean", "resources", ...nouns],
  "src/sagas/**": ["db", "secrets", "engine", "digitalocean", "resources", "fleet", ...nouns],
  [door]: ["db"],
  "src/http/**": ["api", "db", "secrets", ...doors, ...nouns],
  "src/cli/**": ["api"],
  // The commands that run the product in their own process; all others speak to it over the API.
  "src/cli/commands/{serve,worker,migrate,simulate,demo,prove,backup,restore}.ts": ["api", "main"],
  "src/dashboard/**": ["api"],
  // The proofs run the product's own wiring against the simulator.
  "src/proof/**": [
    "main",
    "db",
    "secrets",
    "engine",
    "digitalocean",
    "simulator",
    "resources",
    "fleet",
    "sagas",
    ...nouns,
  ],
};

const tests = ["**/*.test.ts", "test/**"];

const timers = {
  regex: "^(node:)?timers(/promises)?$",
  message: "Time is handed in: use the Clock of src/clock.ts.",
};
const queue = { regex: "^pg-boss$", message: "src/engine/queue.ts is the only file that knows pg-boss." };
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
  return { files: [files], rules: { "no-restricted-imports": ["error", { patterns }] as const } };
}

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
    ...Object.entries(imports).flatMap(([files, allowed]) => row(files, allowed)),
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
  ],
});
