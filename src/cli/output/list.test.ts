import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { systemClock } from "#clock.ts";
import { systemIds } from "#ids.ts";
import { type Column, type ListOptions, showList } from "./list.ts";
import { printAs } from "./show.ts";

interface Item {
  readonly name: string;
  readonly at: number;
  readonly id: string;
  readonly why: string;
}
const items: readonly Item[] = [
  { name: "shop.example.com", at: 2, id: "01a2193e-6f2a-7a7d-9506-919f9df0532a", why: "it waits for a droplet" },
  { name: "app.example.com", at: 10, id: "01a2193e-6f2e-7e63-b2d3-1f44976dd65e", why: "" },
];
const columns: readonly Column<Item>[] = [
  { name: "name", cell: (it) => it.name },
  { name: "at", cell: (it) => `${it.at}m ago`, key: (it) => it.at, spare: 1 },
  { name: "id", cell: (it) => it.id, spare: 2 },
  { name: "why", cell: (it) => it.why },
];

const cliOf = <Stdout extends PassThrough>(stdout: Stdout) => ({
  config: () => {
    throw new Error("A list needs no configuration");
  },
  clock: systemClock,
  ids: systemIds(systemClock),
  stdin: new PassThrough(),
  stderr: new PassThrough(),
  stdout,
});

/** @param width of the terminal; undefined: no terminal */
async function list(options: ListOptions, width?: number, of = columns): Promise<string> {
  const stdout = Object.assign(new PassThrough(), width === undefined ? {} : { isTTY: true, columns: width });
  const cli = cliOf(stdout);
  const answer = { value: { items, next_cursor: null }, json: { items, next_cursor: null } };
  await showList(cli, options, answer, of, (it) => it.name);
  // Where the terminal shows colours, they take no room.
  return stripVTControlCharacters(String(stdout.read()));
}
const lines = async (options: ListOptions, width?: number) => (await list(options, width)).trimEnd().split("\n");

test("without a terminal a table has every column, and so has a wide one", async () => {
  const whole = [
    "NAME              AT       ID                                    WHY",
    "shop.example.com  2m ago   01a2193e-6f2a-7a7d-9506-919f9df0532a  it waits for a droplet",
    "app.example.com   10m ago  01a2193e-6f2e-7e63-b2d3-1f44976dd65e  -",
  ];
  expect(await lines({})).toEqual(whole);
  expect(await lines({ output: "wide" }, 40)).toEqual(whole);
});

test.each([120, 80, 60, 50, 40, 30, 20])("no line is longer than a terminal of %d characters", async (width) => {
  const all = await lines({}, width);
  for (const line of all) expect(line.length).toBeLessThanOrEqual(width);
  expect(all[0]).toMatch(/^NAME .*WHY$/);
  expect(all[0]?.includes("ID")).toBe(width > 85);
  expect(all[0]?.includes("AT")).toBe(width > 48);
});

test("text is cut before a column is left out for it, and takes the room that there is", async () => {
  const long = "it waits for a droplet of which the provider says that it is new, and has been for an hour";
  const of: Column<Item>[] = [...columns.slice(0, 2), { name: "why", cell: (it) => it.why && long, isText: true }];
  const first = async (width: number) => (await list({}, width, of)).split("\n")[1];
  expect(await first(60)).toBe("shop.example.com  2m ago   it waits for a droplet of which \u2026");
  expect(await first(51)).toBe("shop.example.com  2m ago   it waits for a droplet \u2026");
  expect(await first(50)).toBe("shop.example.com  it waits for a droplet of which\u2026");
});

test("ids are shown by their beginnings where they would leave no room, as far as they differ", async () => {
  const of = columns.map((column) => (column.name === "id" ? { ...column, isId: true as const } : column));
  expect((await list({}, 100, of)).split("\n")[1]).toContain(items[0]?.id);
  const short = (await list({}, 72, of)).split("\n");
  expect(short[1]).toBe("shop.example.com  2m ago   01a2193e-6f2a  it waits for a droplet");
});

test("columns are chosen, sorted by what is behind their text, and without headings", async () => {
  expect(await lines({ columns: "id,name" }, 200)).toEqual([
    "ID                                    NAME",
    `${items[0]?.id}  shop.example.com`,
    `${items[1]?.id}  app.example.com`,
  ]);
  expect(await lines({ columns: "AT", sort: "-at", headers: false })).toEqual(["10m ago", "2m ago"]);
  expect(await lines({ output: "name", sort: "name" })).toEqual(["app.example.com", "shop.example.com"]);
  await expect(list({ columns: "name,nme" })).rejects.toThrow("no column nme; there are name, at, id, why");
  await expect(list({ json: true, output: "yaml" })).rejects.toThrow("--json and -o yaml exclude each other");
  await expect(list({ sort: "size" })).rejects.toThrow("no column size");
});

test("yaml quotes what a reader of YAML 1.1 would take for something else", async () => {
  const stdout = new PassThrough();
  await printAs(cliOf(stdout), "yaml", { power: "on", region: "no", name: "app", size: "1_0" });
  expect(String(stdout.read())).toBe('power: "on"\nregion: "no"\nname: app\nsize: "1_0"\n');
});

test("json and yaml are the answer as it came", async () => {
  expect(JSON.parse(await list({ json: true }))).toEqual({ items, next_cursor: null });
  expect(await list({ output: "yaml" })).toMatch(/^items:\n  - name: shop\.example\.com\n    at: 2\n/);
});
