import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** `npx vite src/dashboard` serves the sources as they change, beside an `npm start` that answers the API. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // One address for the page and its files, whatever a reverse proxy puts before it.
  base: "./",
  publicDir: false,
  build: {
    target: "es2023",
    modulePreload: { polyfill: false },
    // A data: address in a style would need a wider content security policy.
    assetsInlineLimit: 0,
  },
  server: { proxy: { "/v1": "http://127.0.0.1:4000", "/readyz": "http://127.0.0.1:4000" } },
});
