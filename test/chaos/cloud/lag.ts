import type { Call } from "./call.ts";
import type { View } from "./world.ts";

const views: readonly View[] = ["id", "all", "tag", "name"];

/** Mostly short, now and then as long as a client has to expect, rarely longer. Milliseconds. */
export function lag({ draw, isCalm }: Call): number {
  if (isCalm) return 0;
  const sort = draw();
  return Math.floor(draw() * (sort < 0.6 ? 500 : sort < 0.97 ? 2500 : 9000));
}

export const lags = (call: Call): Record<View, number> => {
  const [id, all, tag, name] = views.map(() => lag(call));
  return { id: (id ?? 0) / 2, all: all ?? 0, tag: tag ?? 0, name: name ?? 0 };
};
