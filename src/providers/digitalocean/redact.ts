import { randomInt } from "node:crypto";
import { cut } from "#well-formed.ts";

/** How long the longest quotation from an answer may be, in characters. */
const longestDetail = 500;
/** How much of a text is looked at for it. */
export const longestRead = 4_000;
/** A secret of several lines may be quoted by the line. Anything shorter than this is no secret. */
const shortestLine = 4;
/** So many characters in a row that occur in a secret too are no coincidence: it was quoted, and perhaps cut off. */
const run = 16;
/**
 * A line that is shorter than a run, and words only, such as `text/plain` or `#cloud-config`, is no secret: hiding it
 * would hide what every second message says.
 */
const plainWords = /^[#!/.\s-]*[A-Za-z]+(?:[ _/.+-]{1,2}[A-Za-z]+)*[:;.,]?$/;

/** The beginning of a text from outside, without what it quotes of the secrets, as they are or escaped in JSON. */
export function redact(text: string, secrets: readonly string[]): string {
  const read = text.slice(0, longestRead);
  const hidden = hiddenIn(read, secrets);
  // Cut off, the end may be the beginning of a secret, too short to be recognised.
  const end = read.length < text.length ? read.length - run : read.length;
  let told = "";
  for (let at = 0; at < end && told.length < longestDetail; at += 1) {
    if (!hidden[at]) told += read[at];
    else if (at === 0 || !hidden[at - 1]) told += "[redacted]";
  }
  return cut(told, longestDetail);
}

/** Whether a text of our own process, which is not endless, quotes a secret. */
export const quotes = (text: string, secrets: readonly string[]): boolean => hiddenIn(text, secrets).includes(1);

/** Marks with a 1 every character that belongs to a secret, in a time that grows as text and secrets together do. */
function hiddenIn(text: string, secrets: readonly string[]): Uint8Array {
  const hidden = new Uint8Array(text.length);
  if (text.length >= run) hideShared(text, run, new Set(secrets.flatMap(formsOf)), hidden);
  // What is as long as a run was found above, the forms of a line being parts of the secret's.
  const short = Map.groupBy(shortLines(secrets), (line) => line.length);
  for (const [length, lines] of short) hideShared(text, length, lines, hidden);
  return hidden;
}

/** Hides every part of the text that is `length` long and stands in one of the secrets too. */
function hideShared(text: string, length: number, secrets: Iterable<string>, hidden: Uint8Array): void {
  const places = new Map<number, number[]>();
  eachHash(text, length, (hash, at) => {
    const same = places.get(hash);
    if (same) same.push(at);
    else places.set(hash, [at]);
  });
  for (const secret of secrets)
    eachHash(secret, length, (hash, start) => {
      const likely = places.get(hash);
      if (!likely) return;
      const part = secret.slice(start, start + length);
      const others: number[] = [];
      for (const at of likely)
        if (text.startsWith(part, at)) hidden.fill(1, at, at + length);
        else others.push(at);
      if (others.length > 0) places.set(hash, others);
      else places.delete(hash);
    });
}

/** Of this process alone, so that nobody can make up texts whose hashes are the same. */
const base = randomInt(2 ** 16, 2 ** 31) | 1;

/** The hash of every part that is `length` long, each made from the one before (Rabin and Karp). */
function eachHash(text: string, length: number, see: (hash: number, at: number) => void): void {
  let last = 1;
  for (let at = 0; at < length; at += 1) last = Math.imul(last, base);
  let hash = 0;
  for (let end = 0; end < text.length; end += 1) {
    const gone = end < length ? 0 : Math.imul(last, text.charCodeAt(end - length));
    hash = (Math.imul(hash, base) + text.charCodeAt(end) - gone) | 0;
    if (end + 1 >= length) see(hash, end + 1 - length);
  }
}

/** The lines that no run finds, and the secrets that short, in all their forms. */
function shortLines(secrets: readonly string[]): Set<string> {
  const lines = new Set(secrets.flatMap((secret) => secret.split(/[\r\n]/).map((line) => line.trim())));
  const secret = [...lines].filter((line) => line.length < run && !plainWords.test(line));
  return new Set(secret.flatMap(formsOf).filter((form) => form.length >= shortestLine && form.length < run));
}

/** A secret as it is, and as JSON holds it: plain, in ASCII only, safe within HTML (as Go and Rails do), and twice. */
function formsOf(secret: string): string[] {
  const once = JSON.stringify(secret).slice(1, -1);
  const twice = JSON.stringify(once).slice(1, -1);
  return [...new Set([secret, once, escaped(once, /[^ -~]/g), escaped(once, /[<>&\u2028\u2029]/g), twice])];
}

const escaped = (text: string, which: RegExp): string =>
  text.replace(which, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`);
