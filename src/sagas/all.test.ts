import { expect, test } from "vitest";
import { z } from "zod";
import { allKinds } from "#resources/kinds/all.ts";
import { allSagas } from "./all.ts";

/** Sagas in flight hold these names and shapes in their rows: a release that changes one cannot take them up again. */
test("the steps of every saga, and what they write, are what sagas in flight have stored", async () => {
  const shapes = Object.fromEntries(
    [...allSagas.values()].map((saga) => [
      saga.forwardOnly ? `${saga.name}, forward only` : saga.name,
      saga.steps.map(({ name, writes }) => {
        const types = typesOf(writes);
        return Object.keys(types as object).length === 0 ? name : { [name]: types };
      }),
    ]),
  );
  await expect(`${JSON.stringify(shapes, null, 2)}\n`).toMatchFileSnapshot("steps.snap");
});

test("the handle of every kind is what sagas in flight have stored", () => {
  const handles = Object.fromEntries([...allKinds].map(([name, { handle }]) => [name, typesOf(handle)]));
  expect(handles).toMatchInlineSnapshot(`
    {
      "dns_record": {
        "data": "string",
        "hostname": "string",
        "name": "string",
        "parking": "string",
        "ttl": [
          "integer",
          "null",
        ],
        "type": "string",
        "zone": "string",
      },
      "droplet": {
        "name": "string",
        "tag": "string",
      },
      "reserved_ip": {
        "region": "string",
        "saga_id": "string uuid",
        "since": "string date-time",
      },
      "snapshot": {
        "droplet_id": "integer",
        "name": "string",
      },
      "volume": {
        "name": "string",
        "region": "string",
        "tag": "string",
      },
      "volume_snapshot": {
        "name": "string",
        "volume_id": "string",
      },
    }
  `);
});

/** The schema's properties and their types, in a line each. */
function typesOf(schema: z.ZodType): unknown {
  const { properties = {} } = z.toJSONSchema(schema);
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, told(value)]));
}

const node = z.looseObject({
  type: z.string().optional(),
  format: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  enum: z.array(z.string()).optional(),
});

function told(schema: unknown): unknown {
  const { type = "anything", format, properties, items, anyOf, enum: values } = node.parse(schema);
  if (properties) return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, told(value)]));
  if (items) return [told(items)];
  if (anyOf) return anyOf.map(told);
  if (values) return values.join(" | ");
  return format ? `${type} ${format}` : type;
}
