import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

const largestBytes = 65_536;

interface Read {
  /** By the name of the variable that the file stands for. */
  readonly values: Record<string, string>;
  /** What is wrong, as `NAME_FILE: why`; never what a file holds. */
  readonly faults: string[];
}

/**
 * Reads the files that `NAME_FILE` names in the place of a secret `NAME`: what is in the environment of a process can
 * be read from outside for as long as it lives, a file can be closed. Links are followed: secrets that a container
 * gets are often links.
 */
export function readSecretFiles(env: Record<string, string | undefined>, names: readonly string[]): Read {
  const values: Record<string, string> = {};
  const faults: string[] = [];
  for (const name of names) {
    const variable = `${name}_FILE`;
    const path = env[variable];
    if (path === undefined || path === "") continue;
    if (env[name] !== undefined && env[name] !== "") faults.push(`${variable}: is set beside ${name}; set one of them`);
    else {
      const content = read(path);
      if ("fault" in content) faults.push(`${variable}: ${path} ${content.fault}`);
      else values[name] = content.text;
    }
  }
  return { values, faults };
}

function read(path: string): { text: string } | { fault: string } {
  let file: number;
  try {
    // Not waiting: a named pipe may never have a writer.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return { fault: `cannot be read (${codeOf(error)})` };
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile()) return { fault: "is not an ordinary file" };
    const bytes = Buffer.alloc(largestBytes + 1);
    const filled = fill(file, bytes);
    if (filled > largestBytes) return { fault: `has more than ${largestBytes} bytes` };
    const text = decode(bytes.subarray(0, filled));
    if (text === undefined) return { fault: "is not text in UTF-8" };
    if (text.trim() === "") return { fault: "is empty" };
    return { text: text.replace(/\r?\n$/, "") };
  } catch (error) {
    return { fault: `cannot be read (${codeOf(error)})` };
  } finally {
    closeSync(file);
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : String(error);

/** The size of a file says nothing in /proc and its like: it is read until it ends. */
function fill(file: number, bytes: Buffer): number {
  let filled = 0;
  for (;;) {
    const count = readSync(file, bytes, filled, bytes.length - filled, null);
    filled += count;
    if (count === 0 || filled === bytes.length) return filled;
  }
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
