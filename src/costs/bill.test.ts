import { expect, test } from "vitest";
import { bill, type Span } from "./bill.ts";
import { snapshotUsdPerGibAndHour } from "./snapshot-price.ts";

const at = (text: string) => new Date(`${text}Z`);
/** s-1vcpu-1gb: $6 a month, which is 672 hours of $0.00893. */
const hourly = 0.00893;

function span(begun: string, ended: string | null, changes: Partial<Span> = {}): Span {
  return {
    resource_id: "r1",
    kind: "droplet",
    tenant_id: "acme",
    deployment_id: "d1",
    region: "nyc3",
    usd_hourly: hourly,
    begun_at: at(begun),
    ended_at: ended === null ? null : at(ended),
    estimated: false,
    ...changes,
  };
}

const snapshotOf = (gib: number) => ({ kind: "snapshot", usd_hourly: gib * snapshotUsdPerGibAndHour });

const november = { from: at("2026-11-01T00:00:00"), to: at("2026-12-01T00:00:00") };

/** Each worked out by hand from the provider's rules. */
test.each<[string, Span[], { from: Date; to: Date }, number, number]>([
  ["an hour", [span("2026-11-03T10:00:00", "2026-11-03T11:00:00")], november, 1, 0.01],
  ["ten hours", [span("2026-11-03T10:00:00", "2026-11-03T20:00:00")], november, 10, 0.0893],
  ["by the second", [span("2026-11-03T10:00:00", "2026-11-03T20:00:36")], november, 10.01, 0.0894],
  ["ten seconds are a cent", [span("2026-11-03T10:00:00", "2026-11-03T10:00:10")], november, 0.0028, 0.01],
  [
    "ten seconds of a dear one are a minute",
    [span("2026-11-03T10:00:00", "2026-11-03T10:00:10", { usd_hourly: 6 })],
    november,
    0.0028,
    0.1,
  ],
  ["a month of 720 hours costs 672", [span("2026-10-20T00:00:00", null)], november, 720, 6.001],
  ["a month of 30 days less one is above the cap too", [span("2026-11-02T00:00:00", null)], november, 696, 6.001],
  [
    "the last two days of a full month are free",
    [span("2026-11-01T00:00:00", null)],
    { from: at("2026-11-29T00:00:00"), to: at("2026-12-01T00:00:00") },
    48,
    0,
  ],
  [
    "two months are two caps",
    [span("2026-10-01T00:00:00", "2026-12-01T00:00:00")],
    { from: at("2026-10-01T00:00:00"), to: at("2026-12-01T00:00:00") },
    1464,
    12.0019,
  ],
  [
    "a resize splits it, under one cap",
    [span("2026-11-01T00:00:00", "2026-11-21T00:00:00"), span("2026-11-21T00:00:00", null, { usd_hourly: 2 * hourly })],
    november,
    720,
    // 480 hours at the old price, 192 at the new one.
    7.7155,
  ],
  ["what ends before is nothing", [span("2026-10-01T00:00:00", "2026-10-31T00:00:00")], november, 0, 0],
  ["what begins after is nothing", [span("2026-12-01T00:00:00", null)], november, 0, 0],
  [
    "ten days of a snapshot of 50 GiB: 240 hours of 50 times $0.06 / 672",
    [span("2026-11-03T00:00:00", "2026-11-13T00:00:00", snapshotOf(50))],
    november,
    0,
    1.0714,
  ],
  ["a month of a snapshot of 50 GiB is $3", [span("2026-10-20T00:00:00", null, snapshotOf(50))], november, 0, 3],
  [
    "a week of one of 0.4 GiB is a cent, and not half of one",
    [span("2026-11-03T00:00:00", "2026-11-10T00:00:00", snapshotOf(0.4))],
    november,
    0,
    0.01,
  ],
  [
    "a price that is not known costs nothing yet",
    [span("2026-11-03T00:00:00", null, { usd_hourly: null })],
    november,
    672,
    0,
  ],
])("%s", (_, spans, window, hours, usd) => {
  const { items, total_usd } = bill(spans, "tenant", window);
  expect(items[0]?.hours ?? 0).toBeCloseTo(hours, 4);
  expect(total_usd).toBeCloseTo(usd, 4);
});

test("a price that is not known makes the sum an estimate", () => {
  const spans = [
    span("2026-11-03T00:00:00", "2026-11-04T00:00:00"),
    span("2026-11-03T00:00:00", null, { usd_hourly: null }),
  ];
  expect(bill(spans, "tenant", november).items).toMatchObject([{ estimated: true }]);
});

test("parts of a time add up to the whole of it", () => {
  const spans = [span("2026-10-30T12:00:00", "2026-11-30T12:00:00")];
  const middle = at("2026-11-27T03:00:00");
  const whole = bill(spans, "tenant", { from: at("2026-10-01T00:00:00"), to: at("2026-12-01T00:00:00") }).total_usd;
  const first = bill(spans, "tenant", { from: at("2026-10-01T00:00:00"), to: middle }).total_usd;
  const rest = bill(spans, "tenant", { from: middle, to: at("2026-12-01T00:00:00") }).total_usd;
  expect(first + rest).toBeCloseTo(whole, 3);
});

test("it is told by tenant, deployment or region, the dearest first, and what is estimated says so", () => {
  const spans = [
    span("2026-11-03T00:00:00", "2026-11-04T00:00:00"),
    span("2026-11-03T00:00:00", "2026-11-06T00:00:00", {
      resource_id: "r2",
      tenant_id: "other",
      deployment_id: null,
      region: "fra1",
      estimated: true,
    }),
  ];
  const by = (key: "tenant" | "deployment" | "region") =>
    bill(spans, key, november).items.map((item) => [item.key, item.usd, item.estimated]);
  expect(by("tenant")).toEqual([
    ["other", 0.643, true],
    ["acme", 0.2143, false],
  ]);
  expect(by("deployment")).toEqual([
    [null, 0.643, true],
    ["d1", 0.2143, false],
  ]);
  expect(by("region").map(([key]) => key)).toEqual(["fra1", "nyc3"]);
});
