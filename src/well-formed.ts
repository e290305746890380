const replacement = "\ufffd";

/**
 * Text from outside as JSON, UTF-8 and PostgreSQL (text and jsonb) can hold it: NUL and each half of a character that
 * stands alone (a lone surrogate) become U+FFFD. PostgreSQL refuses both, and what cannot be written stops a saga.
 */
export const wellFormed = (text: string): string => text.replaceAll("\0", replacement).toWellFormed();

/** What may be an escape of something that no text may hold: most answers have none. */
const suspect = /\\u(?:0000|d[89a-f])/i;
/** Every escape of a JSON text: a pair that is one character (12 signs), half of one or NUL (6), any other (2). */
const escapes = /\\(?:ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|u(?:0000|d[89a-f][0-9a-f]{2})|[^])/gi;

/**
 * A JSON text whose strings and names are well-formed once it is parsed. Done on the text: linear, however deeply it is
 * nested. What is not escaped there is well-formed already when it was decoded from UTF-8.
 */
export const wellFormedJson = (text: string): string =>
  suspect.test(text) ? text.replace(escapes, (escape) => (escape.length === 6 ? replacement : escape)) : text;

/** The beginning of a well-formed text, at most `longest` UTF-16 units; a character that would be split is left out. */
export const cut = (text: string, longest: number): string => withoutHalf(text.slice(0, longest));

/**
 * The longest text from outside that is kept, in UTF-16 units: twice any name, tag or hostname of the provider's, and what an
 * index of PostgreSQL takes (2704 bytes) beside the name of a zone.
 */
export const longestText = 500;

/** Text from outside as whatever stores, logs or shows it can bear it: well-formed, and of a limited length. */
export const outsideText = (text: string, longest = longestText): string => cut(wellFormed(text), longest);

/** A value from outside, made of JSON, with each of its texts cut. Not by recursion: it may be nested as deeply as it likes. */
export function shortened<T>(value: T): T {
  const root = { value };
  const left: object[] = [root];
  for (let it = left.pop(); it; it = left.pop())
    for (const [key, part] of Object.entries(it)) {
      if (typeof part === "string" && part.length > longestText) Reflect.set(it, key, copied(cut(part, longestText)));
      if (typeof part === "object" && part !== null) left.push(part);
    }
  return root.value;
}

/** By itself in memory: V8 keeps all of a text for as long as a part of it is there. */
const copied = (text: string): string => Buffer.from(text).toString();

/** A text that was cut somewhere, without the half of a character that the cut left at its end. */
const withoutHalf = (text: string): string => text.replace(/[\ud800-\udbff]$/, "");
