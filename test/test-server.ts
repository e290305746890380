export { administer, cloneDatabase, dropDatabase, startTestServer, type TestServer } from "#proof/server.ts";
