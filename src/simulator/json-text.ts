/** Deeper than any body of the API, and far from where reading or writing it would exhaust the stack. */
const deepest = 100;

/** Parses JSON. Throws a SyntaxError for what is none, and for what is nested too deeply. */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) throw new SyntaxError(`JSON may be nested ${deepest} levels deep`);
  return JSON.parse(text);
}

/** Counts the brackets outside of strings, whatever else the text is. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length && depth <= deepest; at += 1) {
    const sign = text[at];
    if (inString && sign === "\\") at += 1;
    else if (sign === '"') inString = !inString;
    else if (inString) continue;
    else if (sign === "[" || sign === "{") depth += 1;
    else if (sign === "]" || sign === "}") depth -= 1;
  }
  return depth > deepest;
}
