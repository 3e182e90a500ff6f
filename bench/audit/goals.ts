import { JQ, NAIVE } from "./contestants";

/** What a contestant reached at one size. */
export interface Result {
  readonly name: string;
  readonly sizeMb: number;
  readonly mbPerSecond: number;
  readonly peakMib: number;
}

export interface Goal {
  readonly text: string;
  /** Undefined where one of the figures is missing. */
  readonly measured: number | undefined;
  readonly reached: boolean;
}

/**
 * Compares with the goals, at the largest size; the memory of the largest with that of the smallest. What the baseline
 * does is a summary too; writing JSON is work that neither it nor jq does, and has no goal.
 */
export function goals(results: readonly Result[]): Goal[] {
  const sizes = [...new Set(results.map(({ sizeMb }) => sizeMb))].sort((a, b) => a - b);
  const [smallest, largest] = [sizes[0], sizes.at(-1)];
  const at = (size: number | undefined, name: string) =>
    results.find((result) => result.sizeMb === size && result.name === name);
  const speed = (name: string) => at(largest, name)?.mbPerSecond;
  const atLeast = (factor: number, name: string, other: string): Goal => {
    const measured = ratio(speed(name), speed(other));
    return {
      text: `${name}: at least ${factor} times ${other}`,
      measured,
      reached: (measured ?? 0) >= factor,
    };
  };
  const found = results.map(({ name }) => name);
  const readers = [...new Set(found.filter((name) => name.startsWith("audit ")))];
  const filters = readers.filter((name) => name.includes("--user"));
  const memory = smallest === largest ? [] : readers;
  return [
    atLeast(4, "audit --summary, 1 thread", JQ),
    atLeast(1.8, "audit --summary, 1 thread", NAIVE),
    atLeast(6.5, "audit --summary, 2 threads", JQ),
    ...filters.map((name) => atLeast(15, name, JQ)),
    ...memory.map((name) => {
      const measured = ratio(at(largest, name)?.peakMib, at(smallest, name)?.peakMib);
      return {
        text: `${name}: memory at ${largest} MB at most 1.1 times that at ${smallest} MB`,
        measured,
        reached: (measured ?? Infinity) <= 1.1,
      };
    }),
  ];
}

function ratio(value: number | undefined, other: number | undefined): number | undefined {
  return value === undefined || other === undefined ? undefined : value / other;
}
