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

/** A text that was cut somewhere, without the half of a character that the cut left at its end. */
const withoutHalf = (text: string): string => text.replace(/[\ud800-\udbff]$/, "");
