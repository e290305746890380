export const width = 600;
export const height = 120;

/** Where each of `count` days is drawn. */
export function columnsOf(count: number) {
  const room = width / Math.max(1, count);
  return {
    bar: room * 0.62,
    left: (index: number) => room * index + room * 0.19,
    middle: (index: number) => room * (index + 0.5),
  };
}

/** The next round number that is not less: 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((round) => round >= value) ?? value;
}
