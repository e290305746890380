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

const steps = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10];

/** The next number that is not less and whose half reads well too. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return steps.map((step) => step * power).find((round) => round >= value) ?? value;
}

/** The same for what is counted: its half is a whole number. */
export const roundUpCount = (value: number): number =>
  value < 10 ? Math.max(2, 2 * Math.ceil(value / 2)) : roundUp(value);
