/** The address cannot be listened on: taken, not ours, or not allowed. */
export class CannotListen extends Error {
  override readonly name = "CannotListen";

  constructor(host: string, port: number, cause: unknown) {
    const why =
      cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE" ? "is in use" : "cannot be used";
    super(`${host}:${port} ${why}; nothing was started. Stop what has it, or choose another HOST or PORT`, { cause });
  }
}
