import { useSyncExternalStore } from "react";

const subscribe = (heard: () => void) => {
  document.addEventListener("visibilitychange", heard);
  return () => document.removeEventListener("visibilitychange", heard);
};

/** Whether the tab can be seen. */
export const useVisible = (): boolean => useSyncExternalStore(subscribe, () => document.visibilityState === "visible");
