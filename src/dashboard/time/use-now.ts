import { useEffect, useState } from "react";
import { useTools } from "#dashboard/app/tools.ts";

/** The time, anew every `ms` milliseconds. */
export function useNow(ms: number): Date {
  const { clock } = useTools();
  const [now, setNow] = useState(clock.now);
  useEffect(() => clock.every(ms, () => setNow(clock.now())), [clock, ms]);
  return now;
}
