import { useQuery } from "@tanstack/react-query";
import { z } from "zod";
import { paths } from "#api/paths.ts";
import { catalogue } from "#api/provider.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { pollEvery } from "#dashboard/server/poll.ts";

export interface Choosable {
  readonly slug: string;
  readonly text: string;
  /** Where it can be had; undefined: everywhere. */
  readonly regions: readonly string[] | undefined;
}

export interface Choices {
  readonly regions: readonly Choosable[];
  readonly sizes: readonly Choosable[];
  readonly images: readonly Choosable[];
}

const region = z.object({ slug: z.string(), name: z.string().optional(), available: z.boolean().optional() });
const size = z.object({
  slug: z.string(),
  memory: z.number().optional(),
  vcpus: z.number().optional(),
  disk: z.number().optional(),
  price_monthly: z.number().optional(),
  regions: z.array(z.string()).optional(),
  available: z.boolean().optional(),
});
const image = z.object({
  slug: z.string(),
  name: z.string().optional(),
  distribution: z.string().nullish(),
  regions: z.array(z.string()).optional(),
});

/** What can be asked for, in words; undefined until it is read. Empty when no worker has read the catalogue yet. */
export function useCatalogue(): Choices | undefined {
  const { server } = useTools();
  const { data } = useQuery({
    queryKey: ["catalogue"],
    queryFn: ({ signal }) => server.get(paths.catalogue, catalogue, {}, signal),
    refetchInterval: (query) => (query.state.data?.read_at ? pollEvery(false)(query) : 3000),
    staleTime: 60_000,
  });
  return data && choicesOf(data);
}

function choicesOf(data: z.infer<typeof catalogue>): Choices {
  const regions = z.array(region).safeParse(data.regions).data ?? [];
  const sizes = z.array(size).safeParse(data.sizes).data ?? [];
  const images = z.array(image).safeParse(data.images).data ?? [];
  return {
    regions: regions
      .filter((it) => it.available !== false)
      .map((it) => ({ slug: it.slug, text: it.name ? `${it.name} (${it.slug})` : it.slug, regions: undefined })),
    sizes: sizes
      .filter((it) => it.available !== false)
      .toSorted((a, b) => (a.price_monthly ?? 0) - (b.price_monthly ?? 0))
      .map((it) => ({ slug: it.slug, text: sizeText(it), regions: it.regions })),
    images: images.map((it) => ({
      slug: it.slug,
      text: [it.distribution, it.name].filter(Boolean).join(" ") || it.slug,
      regions: it.regions,
    })),
  };
}

function sizeText({ slug, memory, vcpus, disk, price_monthly: price }: z.infer<typeof size>): string {
  if (memory === undefined || vcpus === undefined || disk === undefined) return slug;
  const ram = memory < 1024 ? `${memory} MB` : `${memory / 1024} GB`;
  return `${slug}: ${vcpus} CPU, ${ram}, ${disk} GB${price === undefined ? "" : `, $${price} a month`}`;
}
