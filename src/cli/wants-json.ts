/** Whoever reads the answer by a program reads the refusal by one. */
export const wantsJson = (args: readonly string[]): boolean =>
  args.some((arg, index) =>
    arg === "-o" || arg === "--output"
      ? args[index + 1] === "json"
      : ["--json", "-ojson", "--output=json"].includes(arg),
  );
