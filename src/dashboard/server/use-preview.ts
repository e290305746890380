import { useQuery } from "@tanstack/react-query";
import type { z } from "zod";
import { useTools } from "#dashboard/app/tools.ts";

/** What has been filled in, where that is enough to ask with. */
interface Asked {
  readonly success: boolean;
  readonly data?: object | undefined;
}

/** Who types asks once, when they pause. */
const typingMs = 250;

/** What a change would do, as things stand; asked anew whenever what is asked for is another. Nothing is kept of it. */
export function usePreview<Told>(key: readonly unknown[], path: string, schema: z.ZodType<Told>, asked: Asked) {
  const { server, clock } = useTools();
  return useQuery({
    queryKey: [...key, asked.data],
    queryFn: async ({ signal }) => {
      await clock.sleep(typingMs, signal);
      signal.throwIfAborted();
      return server.change({
        method: "POST",
        path: `${path}?preview=true`,
        schema,
        ...(asked.data && { body: asked.data }),
      });
    },
    enabled: asked.success,
    retry: false,
    gcTime: 0,
  });
}
