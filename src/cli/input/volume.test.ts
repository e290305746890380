import { expect, test } from "vitest";
import { toldHeld, volumeOf } from "./volume.ts";

test("a volume is typed by its size, and its filesystem where it is not the usual one", () => {
  expect(volumeOf("50")).toEqual({ size_gib: 50 });
  expect(volumeOf("50:xfs")).toEqual({ size_gib: 50, filesystem: "xfs" });
  for (const wrong of ["", "xfs", "50:ntfs", "-1", "50 GiB"])
    expect(() => volumeOf(wrong), wrong).toThrow(/50, 50:xfs/);
});

test("it is told with its name where it is there", () => {
  const it = { size_gib: 50, filesystem: "ext4", provider_id: "506f78a4", name: "app-1" } as const;
  expect(toldHeld(it)).toBe("50 GiB, ext4, app-1");
  expect(toldHeld({ ...it, provider_id: null, name: null })).toBe("50 GiB, ext4");
});
