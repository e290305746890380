import { writeFile } from "node:fs/promises";
import { generateFiles } from "./generated-files.ts";
import { cloneDatabase, startTestServer } from "./test-server.ts";

const server = await startTestServer();
try {
  for (const [path, text] of await generateFiles(await cloneDatabase(server, "generate"))) {
    await writeFile(path, text);
    console.log(`wrote ${path}`);
  }
} finally {
  await server.stop();
}
