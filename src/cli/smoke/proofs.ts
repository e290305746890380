import { type Cli, say } from "#cli/cli.ts";
import { printable } from "#cli/output/printable.ts";
import { status } from "#cli/output/status.ts";

export interface Proof {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Every proof so far; each is printed as it is made. */
export interface Proofs {
  readonly all: readonly Proof[];
  check(name: string, ok: boolean, detail: string): void;
}

export function openProofs(cli: Cli, quiet: boolean): Proofs {
  const all: Proof[] = [];
  return {
    all,
    check(name, ok, detail) {
      all.push({ name, ok, detail });
      const word = status(cli.stdout, ok ? "ok" : "FAILED");
      say(quiet ? cli.stderr : cli.stdout, `${word}${ok ? "    " : ""}  ${name}: ${printable(detail)}`);
    },
  };
}
