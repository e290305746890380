import type { Interference, ProviderCall } from "./wire.ts";

interface Body {
  droplets?: { id: number }[];
}

const notFound = { id: "not_found", message: "The resource you were accessing could not be found." };

/** A provider that denies some of its droplets: they are in no list, and 404 by id. */
export function denial(isDenied: (id: number) => boolean, { method, path }: ProviderCall): Interference | undefined {
  if (method !== "GET") return undefined;
  const id = /^\/v2\/droplets\/(\d+)$/.exec(path)?.[1];
  if (id !== undefined) {
    if (!isDenied(Number(id))) return undefined;
    const headers = { "content-type": "application/json" };
    return { bend: async () => new Response(JSON.stringify(notFound), { status: 404, headers }) };
  }
  if (path !== "/v2/droplets") return undefined;
  return {
    async bend(answer) {
      if (!answer.ok) return answer;
      const body: Body = JSON.parse(await answer.text());
      const droplets = (body.droplets ?? []).filter((it) => !isDenied(it.id));
      const text = JSON.stringify({ ...body, droplets, links: {}, meta: { total: droplets.length } });
      return new Response(text, { status: answer.status, headers: answer.headers });
    },
  };
}
