import { expect, test } from "vitest";
import { newDeployment } from "#api/deployments.ts";
import { bodyOf, emptyDraft } from "./draft.ts";

const draft = {
  ...emptyDraft,
  tenant_id: "0198a9a0-0000-7000-8000-000000000001",
  name: " app ",
  hostname: "app.example.com ",
  region: "syd1",
  size_slug: "s-1vcpu-512mb-10gb",
  image: "ubuntu-24-04-x64",
};

test("a full draft is what the API takes", () => {
  const body = newDeployment.parse(bodyOf({ ...draft, ssh_keys: "12, 34\n56", image: "195932981" }));
  expect(body).toMatchObject({ name: "app", hostname: "app.example.com", ssh_keys: [12, 34, 56], image: 195932981 });
  expect(body.user_data).toBeUndefined();
});

test("an empty draft is refused at each field, and at no other", () => {
  const { error } = newDeployment.safeParse(bodyOf(emptyDraft));
  const paths = new Set(error?.issues.map((issue) => issue.path.join(".")));
  expect(paths).toEqual(new Set(["tenant_id", "name", "hostname", "region", "size_slug", "image"]));
});
