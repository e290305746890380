import { createContext, useContext } from "react";
import type { Announcements } from "#dashboard/live/announcements.ts";
import type { Connection } from "#dashboard/live/connection.ts";
import type { Server } from "#dashboard/server/server.ts";
import type { Session } from "#dashboard/session/session.ts";
import type { BrowserClock } from "#dashboard/time/browser-clock.ts";

/** What every component may ask for; made once in main.tsx. */
export interface Tools {
  readonly server: Server;
  readonly session: Session;
  readonly connection: Connection;
  readonly announcements: Announcements;
  readonly clock: BrowserClock;
}

export const ToolsContext = createContext<Tools | null>(null);

export function useTools(): Tools {
  const tools = useContext(ToolsContext);
  if (!tools) throw new Error("A component was drawn outside of the dashboard");
  return tools;
}
