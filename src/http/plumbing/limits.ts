/** What one client may take of the server. SECURITY.md lists these, and a test holds it to them. */
export const limits = {
  /** 64 KiB of user_data can be six times that long in JSON escapes; nothing else is nearly as large. */
  bodyBytes: 512 * 1024,
  /** By address and token, so that one runaway client does not take the server from the others. */
  requestsPerMinute: 60_000,
  /**
   * By address: refusals of requests without a token that is taken here. Once they are used up, only such a token still
   * gets through from there: whoever guesses keeps nobody out who need not guess.
   */
  failuresPerMinute: 600,
  /** Event streams that are open at once, by token. */
  streamsPerToken: 20,
} as const;
