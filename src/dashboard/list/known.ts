/** The top of a list as far as it was read: without a gap, newest first. */
export interface Known<Item> {
  readonly items: readonly Item[];
  /** The cursors that are known, each of the page after the item with that key; newest first. */
  readonly marks: readonly { readonly key: string; readonly cursor: string }[];
  /** Whether the last item is the list's last. */
  readonly complete: boolean;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/** Where an item stands in its list: the greater, the nearer to its top. */
export type KeyOf<Item> = (item: Item) => string;

export const nothingKnown = { items: [], marks: [], complete: false } as const;

/**
 * Puts a page into what is known. All between its ends is as the page says: what is not in it any more is gone.
 * @param after the key of the mark at which the page was read; undefined: it is the first
 */
export function merge<Item>(
  known: Known<Item>,
  page: Page<Item>,
  after: string | undefined,
  keyOf: KeyOf<Item>,
): Known<Item> {
  const isAbove = (key: string) => after !== undefined && key >= after;
  const last = page.items.at(-1);
  const above = known.items.filter((item) => isAbove(keyOf(item)));
  const marksAbove = known.marks.filter((mark) => isAbove(mark.key));
  if (page.next_cursor === null || !last)
    return { items: [...above, ...page.items], marks: marksAbove, complete: page.next_cursor === null };

  const end = keyOf(last);
  const first = known.items[0];
  // So much is new that the page does not reach what was known: between the two nobody knows.
  const reaches = after !== undefined || (first !== undefined && end <= keyOf(first));
  const below = reaches ? known.items.filter((item) => keyOf(item) < end) : [];
  const marksBelow = reaches ? known.marks.filter((mark) => mark.key < end) : [];
  return {
    items: [...above, ...page.items, ...below],
    marks: [...marksAbove, { key: end, cursor: page.next_cursor }, ...marksBelow],
    complete: below.length > 0 && known.complete,
  };
}

/** The fewest and the most that is read at once. */
const sizes = { least: 50, most: 200 };

/** Reads the items from one place to another again, and on as far as that is wanted. */
export async function readRange<Item>(
  read: (cursor: string | undefined, limit: number) => Promise<Page<Item>>,
  before: Known<Item>,
  range: { readonly from: number; readonly to: number },
  keyOf: KeyOf<Item>,
): Promise<Known<Item>> {
  let known = before;
  const first = known.items[Math.min(range.from, known.items.length - 1)];
  const start = first && known.marks.findLast((mark) => mark.key > keyOf(first));
  let { key: after, cursor }: { key?: string; cursor?: string } = start ?? {};
  for (;;) {
    const at = after;
    const done = at === undefined ? 0 : known.items.filter((item) => keyOf(item) >= at).length;
    const missing = range.to - done;
    if (missing <= 0 && known !== before) return known;
    const page = await read(cursor, Math.min(sizes.most, Math.max(sizes.least, missing)));
    known = merge(known, page, at, keyOf);
    const last = page.items.at(-1);
    if (page.next_cursor === null || !last) return known;
    after = keyOf(last);
    cursor = page.next_cursor;
  }
}
