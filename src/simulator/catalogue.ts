import { type Call, idOf, type Reply } from "./call.ts";
import { type Image, images } from "./catalogue-images.ts";
import { regionFeatures, regionNames, regionSlugs } from "./catalogue-regions.ts";
import { type Size, sizes } from "./catalogue-sizes.ts";
import { page } from "./pagination.ts";

const sizeBySlug = new Map(sizes.map((size) => [size.slug, size]));
const imageById = new Map(images.map((image) => [image.id, image]));
const imageBySlug = new Map(images.map((image) => [image.slug, image]));

export const findSize = (slug: unknown): Size | undefined =>
  typeof slug === "string" ? sizeBySlug.get(slug) : undefined;

/** One of DigitalOcean's own, by slug, or by id as a number or its digits. */
export function findPublicImage(image: unknown): Image | undefined {
  if (typeof image === "number") return imageById.get(image);
  return typeof image === "string" ? (imageBySlug.get(image) ?? imageById.get(idOf(image))) : undefined;
}

const regions = new Map(
  regionSlugs.map((slug) => [
    slug,
    {
      name: regionNames.get(slug),
      slug,
      features: regionFeatures,
      available: true,
      sizes: sizes.filter((size) => size.regions.includes(slug)).map((size) => size.slug),
    },
  ]),
);

export const findRegion = (slug: string): unknown => regions.get(slug);

export const listSizes = (call: Call): Reply => page(call, "sizes", sizes, (size) => size);
export const listRegions = (call: Call): Reply => page(call, "regions", [...regions.values()], (region) => region);
