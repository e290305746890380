import { expect, test } from "vitest";
import { z } from "zod";
import { allKinds } from "#resources/kinds/all.ts";
import { allSagas } from "./all.ts";

/** Sagas in flight hold these names and shapes in their rows: a release that changes one cannot take them up again. */
test("the steps of every saga, and what they write, are what sagas in flight have stored", () => {
  const shapes = Object.fromEntries(
    [...allSagas.values()].map((saga) => [
      saga.forwardOnly ? `${saga.name}, forward only` : saga.name,
      saga.steps.map(({ name, writes }) => {
        const types = typesOf(writes);
        return Object.keys(types as object).length === 0 ? name : { [name]: types };
      }),
    ]),
  );
  expect(shapes).toMatchInlineSnapshot(`
    {
      "adopt_deployment": [
        {
          "verify_droplet": {
            "image": "string",
            "region": "string",
            "size_slug": "string",
          },
        },
        "tag_droplet",
        {
          "register_droplet": {
            "cloud_resource_id": "string uuid",
          },
        },
        "link_deployment_resource",
        "claim_deployment_dns",
        "activate_deployment",
      ],
      "delete_snapshot, forward only": [
        "remove_snapshot",
      ],
      "deprovision_deployment, forward only": [
        "mark_deployment_deprovisioning",
        "wait_led_nowhere",
        "power_off_droplet",
        "remove_deployment_dns",
        "destroy_droplet",
        "terminate_deployment",
      ],
      "destroy_droplet, forward only": [
        "destroy_droplet",
      ],
      "park_deployment, forward only": [
        "park_deployment_dns",
      ],
      "provision_deployment": [
        {
          "mark_deployment_provisioning": {
            "dns_before": [
              {
                "data": "string",
                "id": "integer",
                "name": "string",
                "ttl": [
                  "integer",
                  "null",
                ],
                "type": "string",
              },
            ],
          },
        },
        {
          "create_droplet": {
            "droplet_accepted_at": "string date-time",
            "droplet_id": "integer",
          },
        },
        {
          "wait_droplet_active": {
            "droplet_public_ip": "string ipv4",
          },
        },
        {
          "register_droplet": {
            "cloud_resource_id": "string uuid",
          },
        },
        "link_deployment_resource",
        "wait_new_droplet_healthy",
        {
          "point_deployment_dns": {
            "dns_record_id": "integer",
            "dns_written_at": "string date-time",
          },
        },
        "activate_deployment",
      ],
      "provision_droplet": [
        {
          "create_droplet": {
            "droplet_accepted_at": "string date-time",
            "droplet_id": "integer",
          },
        },
        {
          "wait_droplet_active": {
            "droplet_public_ip": "string ipv4",
          },
        },
        {
          "register_droplet": {
            "cloud_resource_id": "string uuid",
          },
        },
      ],
      "rebuild_deployment": [
        {
          "snapshot_droplet": {
            "snapshot_id": "string",
          },
        },
        "bring_image",
        "bring_power",
        "wait_healthy",
        {
          "record_specification": {
            "specification_before": {
              "asked": {
                "image": "string",
                "size_slug": "string",
              },
              "made": {
                "image": "string",
                "size_slug": "string",
              },
            },
          },
        },
      ],
      "remove_leftover, forward only": [
        "remove_leftover",
      ],
      "resize_deployment": [
        "bring_power_off",
        "bring_size",
        "bring_power_back",
        "wait_healthy",
        {
          "record_specification": {
            "specification_before": {
              "asked": {
                "image": "string",
                "size_slug": "string",
              },
              "made": {
                "image": "string",
                "size_slug": "string",
              },
            },
          },
        },
      ],
      "restore_deployment": [
        {
          "snapshot_droplet": {
            "snapshot_id": "string",
          },
        },
        "bring_image",
        "bring_power",
        "wait_healthy",
        {
          "record_specification": {
            "specification_before": {
              "asked": {
                "image": "string",
                "size_slug": "string",
              },
              "made": {
                "image": "string",
                "size_slug": "string",
              },
            },
          },
        },
      ],
      "snapshot_deployment": [
        {
          "snapshot_droplet": {
            "snapshot_id": "string",
          },
        },
      ],
      "suspend_deployment": [
        {
          "mark_deployment_power": {
            "power_before": "on | off",
          },
        },
        "bring_power",
      ],
      "unadopt_deployment": [
        "untag_droplet",
        "release_deployment",
      ],
      "unpark_deployment, forward only": [
        "unpark_deployment_dns",
      ],
      "unsuspend_deployment": [
        {
          "mark_deployment_power": {
            "power_before": "on | off",
          },
        },
        "bring_power",
        "wait_healthy",
      ],
    }
  `);
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
      "snapshot": {
        "droplet_id": "integer",
        "name": "string",
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
