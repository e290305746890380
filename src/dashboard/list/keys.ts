/** Places in lists, as the server orders them: by time, then by id. Both compare as text. */
export const createdKey = (item: { readonly created_at: string; readonly id: string }): string =>
  `${item.created_at} ${item.id}`;

export const seenKey = (item: { readonly first_seen_at: string; readonly id: string }): string =>
  `${item.first_seen_at} ${item.id}`;

export const loggedKey = (item: { readonly at: string; readonly id: string }): string => `${item.at} ${item.id}`;
