import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const repository = fileURLToPath(new URL("../", import.meta.url));

/** For every folder of src/: what it must not import, and what it may. Written down apart from the table on purpose. */
const folders: Record<string, { illegal: string[]; legal: string[] }> = {
  api: { illegal: ["#db/x.ts", "#http/x.ts", "#engine/refusal.ts", "../db/x.ts"], legal: ["./x.ts", "#clock.ts"] },
  audit: { illegal: ["#http/x.ts", "#providers/digitalocean/x.ts", "#engine/store.ts"], legal: ["#db/x.ts"] },
  backup: { illegal: ["#db/x.ts", "#engine/x.ts", "#http/x.ts"], legal: ["./x.ts", "#clock.ts"] },
  catalogue: { illegal: ["#http/x.ts", "#providers/digitalocean/x.ts"], legal: ["#db/x.ts"] },
  cli: { illegal: ["#db/x.ts", "#http/x.ts", "#engine/x.ts", "#providers/digitalocean/x.ts"], legal: ["#api/x.ts"] },
  costs: { illegal: ["#providers/digitalocean/x.ts", "#tenants/x.ts"], legal: ["#db/x.ts"] },
  dashboard: { illegal: ["#db/x.ts", "#http/x.ts", "#cli/x.ts"], legal: ["#api/x.ts"] },
  db: { illegal: ["#engine/x.ts", "#api/x.ts", "#main/x.ts"], legal: ["./x.ts", "#log.ts"] },
  deployments: {
    illegal: [
      "#providers/digitalocean/x.ts",
      "#engine/store.ts",
      "#sagas/start.ts",
      "#tenants/x.ts",
      "#resources/ledger.ts",
    ],
    legal: ["#resources/rows.ts", "#audit/queries.ts"],
  },
  providers: { illegal: ["#db/x.ts", "#simulator/x.ts", "#engine/x.ts", "#api/x.ts"], legal: ["./x.ts"] },
  engine: {
    illegal: ["#sagas/x.ts", "#providers/digitalocean/x.ts", "#tenants/x.ts", "#http/x.ts"],
    legal: ["#db/x.ts"],
  },
  fleet: {
    illegal: ["#http/x.ts", "#sagas/steps/x.ts", "#simulator/x.ts"],
    legal: ["#providers/digitalocean/x.ts", "#db/x.ts"],
  },
  http: {
    illegal: [
      "#providers/digitalocean/x.ts",
      "#sagas/steps/x.ts",
      "#sagas/x.ts",
      "#engine/store.ts",
      "../sagas/x.ts",
      "pg-boss",
    ],
    legal: ["#sagas/start.ts", "#api/x.ts", "#tenants/x.ts", "#operations/x.ts"],
  },
  inventory: { illegal: ["#providers/digitalocean/x.ts", "#http/x.ts"], legal: ["#db/x.ts"] },
  metrics: {
    illegal: ["#providers/digitalocean/x.ts", "#http/x.ts", "#main/x.ts"],
    legal: ["#db/x.ts", "#catalogue/x.ts"],
  },
  "saga-queries": {
    illegal: ["#providers/digitalocean/x.ts", "#tenants/x.ts"],
    legal: ["#db/x.ts", "#resources/rows.ts"],
  },
  operations: {
    illegal: ["#providers/digitalocean/x.ts", "#http/x.ts", "#sagas/steps/x.ts", "#resources/ledger.ts"],
    legal: ["#sagas/start.ts", "#tenants/x.ts", "#engine/refusal.ts"],
  },
  probes: { illegal: ["#providers/digitalocean/x.ts", "#deployments/x.ts", "#http/x.ts"], legal: ["#db/x.ts"] },
  proof: { illegal: ["#http/x.ts", "#cli/x.ts", "pg-boss"], legal: ["#main/x.ts", "#simulator/x.ts"] },
  provider: { illegal: ["#providers/digitalocean/x.ts", "#http/x.ts"], legal: ["#db/x.ts"] },
  releases: { illegal: ["#providers/digitalocean/x.ts", "#deployments/x.ts"], legal: ["#db/x.ts", "#secrets/x.ts"] },
  resources: {
    illegal: ["#sagas/x.ts", "#http/x.ts", "#fleet/x.ts", "#deployments/x.ts", "#inventory/x.ts"],
    legal: ["#engine/x.ts", "#providers/digitalocean/x.ts", "#db/x.ts"],
  },
  retention: { illegal: ["#engine/x.ts", "#audit/queries.ts", "#tenants/x.ts"], legal: ["#db/x.ts"] },
  sagas: {
    illegal: ["#http/x.ts", "#simulator/x.ts", "#main/x.ts", "pg-boss"],
    legal: ["#engine/x.ts", "#providers/digitalocean/x.ts"],
  },
  secrets: { illegal: ["#db/x.ts", "#http/x.ts"], legal: ["#ids.ts"] },
  simulator: { illegal: ["#providers/digitalocean/x.ts", "#db/x.ts", "#engine/x.ts"], legal: ["#clock.ts"] },
  snapshots: { illegal: ["#providers/digitalocean/x.ts", "#tenants/x.ts"], legal: ["#db/x.ts"] },
  tenants: { illegal: ["#providers/digitalocean/x.ts", "#http/x.ts"], legal: ["#db/x.ts"] },
  tokens: { illegal: ["#providers/digitalocean/x.ts", "#tenants/x.ts"], legal: ["#db/x.ts", "#audit/queries.ts"] },
  webhooks: {
    illegal: ["#providers/digitalocean/x.ts", "#http/x.ts", "#engine/x.ts", "pg-boss"],
    legal: ["#secrets/x.ts"],
  },
};

/** Rows that are narrower or wider than their folder. */
const files: Record<string, { illegal: string[]; legal: string[] }> = {
  "src/planted.ts": { illegal: ["#api/x.ts", "#db/x.ts", "node:timers/promises"], legal: [] },
  "src/clock.ts": { illegal: [], legal: ["node:timers/promises"] },
  "src/sagas/start.ts": {
    illegal: ["#providers/digitalocean/x.ts", "#engine/store.ts", "./steps/x.ts", "#sagas/x.ts"],
    legal: ["#db/x.ts"],
  },
  "src/sagas/steps/planted.ts": {
    illegal: ["#http/x.ts", "../../http/x.ts"],
    legal: ["../x.ts", "../dns/x.ts", "#engine/x.ts"],
  },
  "src/resources/kinds/planted.ts": {
    illegal: ["#sagas/x.ts", "#fleet/x.ts", "#http/x.ts", "../../inventory/x.ts"],
    legal: ["../x.ts", "#inventory/x.ts", "#providers/digitalocean/x.ts"],
  },
  "src/cli/commands/prove.ts": {
    illegal: ["#db/x.ts", "#http/x.ts", "#proof/ground.ts"],
    legal: ["#main/x.ts", "#proof/prove.ts"],
  },
  "src/cli/commands/planted.ts": { illegal: ["#main/x.ts", "../../main/x.ts"], legal: ["#api/x.ts", "../x.ts"] },
  "src/providers/digitalocean/budget.ts": { illegal: ["#engine/x.ts"], legal: ["#db/x.ts"] },
  "src/webhooks/queue.ts": { illegal: ["#engine/x.ts", "#tenants/x.ts"], legal: ["pg-boss", "#db/x.ts"] },
  "src/engine/planted.ts": { illegal: ["pg-boss"], legal: [] },
  "src/main/planted.ts": { illegal: [], legal: ["#http/x.ts", "#providers/digitalocean/x.ts", "#simulator/x.ts"] },
};

interface Finding {
  filename: string;
  code: string;
  line: number;
}

async function lint(directory: string, path: string): Promise<Finding[]> {
  const program = join(repository, "node_modules", "oxlint", "bin", "oxlint");
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      [program, "--format=json", path],
      { cwd: directory, maxBuffer: 1e8 },
      (error, stdout, stderr) => {
        if (error && !stdout.startsWith("{")) reject(new Error(`${stdout}${stderr}`, { cause: error }));
        else resolve(stdout);
      },
    );
  });
  const { diagnostics } = JSON.parse(output);
  return diagnostics.map((found: { filename: string; code: string; labels: [{ span: { line: number } }] }) => ({
    filename: found.filename,
    code: found.code,
    line: found.labels[0].span.line,
  }));
}

/** Writes the files beside a copy of the linter's configuration, and lints them: the repository is not touched. */
async function lintPlanted(planted: Record<string, string>): Promise<Finding[]> {
  const directory = await mkdtemp(join(tmpdir(), "arcadia-boundaries-"));
  try {
    await copyFile(join(repository, "oxlint.config.ts"), join(directory, "oxlint.config.ts"));
    await symlink(join(repository, "node_modules"), join(directory, "node_modules"));
    for (const [path, text] of Object.entries(planted)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), text);
    }
    return await lint(directory, "src");
  } finally {
    await rm(directory, { recursive: true });
  }
}

const importing = (specifiers: string[]): string =>
  specifiers.map((specifier, index) => `import x${index} from "${specifier}";\nx${index}();\n`).join("");

const rows = {
  ...Object.fromEntries(Object.entries(folders).map(([folder, row]) => [`src/${folder}/row.ts`, row])),
  ...files,
};

test("every folder of src/ has a row", async () => {
  const entries = await readdir(join(repository, "src"), { withFileTypes: true });
  const found = entries.filter((entry) => entry.isDirectory() && entry.name !== "main").map((entry) => entry.name);
  expect(found.length).toBeGreaterThan(5);
  expect(Object.keys(folders)).toEqual(expect.arrayContaining(found));
});

test("every illegal import is found, and no legal one", async () => {
  const planted = Object.entries(rows).map(([path, row]) => [path, importing([...row.illegal, ...row.legal])]);
  const findings = await lintPlanted(Object.fromEntries(planted));
  const found = findings.filter(({ code }) => code.includes("no-restricted-imports"));
  for (const [path, { illegal, legal }] of Object.entries(rows)) {
    const lines = found.filter(({ filename }) => filename === path).map(({ line }) => (line - 1) / 2);
    const refused = [...illegal, ...legal].filter((_, index) => lines.includes(index));
    expect(refused, path).toEqual(illegal);
  }
});

test.each([
  ["no-restricted-globals", "setTimeout(() => undefined, 1);"],
  ["no-restricted-globals", "setInterval(() => undefined, 1);"],
  ["no-restricted-properties", "export const at = Date.now();"],
  ["no-restricted-properties", "export const signal = AbortSignal.timeout(5);"],
  ["no-process-env", "export const token = process.env.TOKEN;"],
  ["no-explicit-any", "export const hole: any = 1;"],
  ["consistent-type-assertions", "export const text = JSON.parse('1') as string;"],
  ["max-lines", "export {};\n".repeat(301)],
])("%s holds in product code", async (rule, code) => {
  const findings = await lintPlanted({ "src/http/planted.ts": code });
  expect(findings.map((finding) => finding.code).join()).toContain(rule);
});

test("two files that import each other are found", async () => {
  const findings = await lintPlanted({
    "src/db/first.ts": 'import { second } from "./second.ts";\nexport const first = () => second;\n',
    "src/db/second.ts": 'import { first } from "./first.ts";\nexport const second = () => first;\n',
  });
  expect(findings.map((finding) => finding.code).join()).toContain("no-cycle");
});

test("the tree as it is passes", async () => {
  expect(await lint(repository, ".")).toEqual([]);
});
