import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { z } from "zod";
import { App } from "./app/app.tsx";
import { ToolsContext } from "./app/tools.ts";
import { createAnnouncements } from "./live/announcements.ts";
import { createConnection } from "./live/connection.ts";
import { createServerClient } from "./server/server.ts";
import { createSession } from "./session/session.ts";
import { browserClock } from "./time/browser-clock.ts";

// The content security policy allows no code made from text, which zod would else try.
z.config({ jitless: true });

// The browser would scroll before there is anything to scroll to.
history.scrollRestoration = "manual";

const clock = browserClock;
const session = createSession(sessionStorage);
const connection = createConnection();
const tools = {
  clock,
  session,
  connection,
  announcements: createAnnouncements(),
  server: createServerClient(session, connection, clock),
};
const queries = new QueryClient({
  defaultOptions: {
    // The polls are what tries again. A server on this machine answers without any network.
    queries: { retry: false, networkMode: "always", staleTime: 1000 },
    mutations: { retry: false, networkMode: "always" },
  },
});

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no place for the dashboard");
createRoot(root).render(
  <StrictMode>
    <ToolsContext value={tools}>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </ToolsContext>
  </StrictMode>,
);
