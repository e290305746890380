export { cloneDatabase, dropDatabase, startTestServer, type TestServer } from "#proof/server.ts";
