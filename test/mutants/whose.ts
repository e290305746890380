/** Where a process that a test starts finds whose it is. */
export const whose = { file: "ARCADIA_TEST_FILE", test: "ARCADIA_TEST_ID" } as const;
/** In place of a test's id: what is come by before the first test of a file, or while several of them run. */
export const wholeFile = "all";
