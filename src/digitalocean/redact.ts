/** How long the longest quotation from an answer may be, in characters. */
const longestDetail = 500;
/** How much of a text is looked at for it. */
const longestRead = 4_000;
/** A secret of several lines may be quoted by the line. Anything shorter than this is no secret. */
const shortestLine = 4;
/** So many characters in a row that occur in a secret too are no coincidence: it was quoted, and perhaps cut off. */
const run = 16;

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
  return told.slice(0, longestDetail);
}

/** Whether a text of our own process, which is not endless, quotes a secret. */
export const quotes = (text: string, secrets: readonly string[]): boolean => hiddenIn(text, secrets).includes(1);

/** Marks with a 1 every character that belongs to a secret. */
function hiddenIn(text: string, secrets: readonly string[]): Uint8Array {
  const hidden = new Uint8Array(text.length);
  const places = runsOf(text);
  for (const secret of secrets) {
    for (const line of new Set([secret, ...secret.split(/\s*\n\s*/)].flatMap(formsOf))) {
      if (line.length < shortestLine) continue;
      for (let at = text.indexOf(line); at >= 0; at = text.indexOf(line, at + 1)) hidden.fill(1, at, at + line.length);
    }
    for (const form of formsOf(secret)) {
      for (let start = 0; start + run <= form.length; start += 1) {
        const same = form.slice(start, start + run);
        for (const at of places.get(same) ?? []) hidden.fill(1, at, at + run);
        places.delete(same);
      }
    }
  }
  return hidden;
}

/** Every run of the text, and where it begins. */
function runsOf(text: string): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (let at = 0; at + run <= text.length; at += 1) {
    const part = text.slice(at, at + run);
    const known = places.get(part);
    if (known) known.push(at);
    else places.set(part, [at]);
  }
  return places;
}

/** A secret as it is, and as JSON holds it: plain, in ASCII only, safe within HTML (as Go and Rails do), and twice. */
function formsOf(secret: string): string[] {
  const once = JSON.stringify(secret).slice(1, -1);
  const twice = JSON.stringify(once).slice(1, -1);
  return [...new Set([secret, once, escaped(once, /[^ -~]/g), escaped(once, /[<>&\u2028\u2029]/g), twice])];
}

const escaped = (text: string, which: RegExp): string =>
  text.replace(which, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`);
