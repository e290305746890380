/**
 * Runs `refresh` when asked; asked again while it runs, it runs once more afterwards. So it is never behind the last
 * asking, and a burst costs two runs.
 */
export function createRefresher(refresh: () => Promise<unknown>): () => void {
  let state: "idle" | "running" | "asked again" = "idle";
  const run = (): void => {
    state = "running";
    // A refresh that failed shows on the page by itself.
    void Promise.allSettled([refresh()]).then(() => {
      if (state === "asked again") run();
      else state = "idle";
    });
  };
  return () => {
    if (state === "idle") run();
    else state = "asked again";
  };
}
