import type { LogRecord } from "../record";
import { CATEGORIES, type Category, categoryOf, type TimelineData } from "./report-data";

const DAY = 24 * 3600;
/** Lengths of bars in seconds; each is a multiple of the previous one, so that bars can be joined. */
const STEPS = [
  ...[1, 5, 10, 30, 60, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600],
  ...[DAY, 7 * DAY, 28 * DAY, 364 * DAY, 3640 * DAY],
];
const MAX_BARS = 100;
/** Day 0 was a Thursday: weeks begin on Mondays. */
const MONDAY = 4 * DAY;

/** Counts records by time and category; bars become longer with the span, so that memory is bounded. */
export class Timeline {
  private step = 0;
  private bars = new Map<number, Map<Category, number>>();
  private first = Number.POSITIVE_INFINITY;
  private last = Number.NEGATIVE_INFINITY;

  add(record: LogRecord): void {
    const seconds = Math.floor(Date.parse(record.time) / 1000);
    this.first = Math.min(this.first, seconds);
    this.last = Math.max(this.last, seconds);
    while (this.numberOf(this.last) - this.numberOf(this.first) >= MAX_BARS && this.canJoin()) {
      this.join();
    }
    addTo(this.bars, this.numberOf(seconds), categoryOf(record), 1);
  }

  data(): TimelineData {
    const stepSeconds = this.stepSeconds;
    if (this.bars.size === 0) return { stepSeconds, starts: [], end: "", series: [] };
    const from = this.numberOf(this.first);
    const length = this.numberOf(this.last) - from + 1;
    const numbers = Array.from({ length }, (_, index) => from + index);
    const series = CATEGORIES.map((category) => ({
      category,
      counts: numbers.map((number) => this.bars.get(number)?.get(category) ?? 0),
    }));
    return {
      stepSeconds,
      starts: numbers.map((number) => this.startOf(number)),
      end: this.startOf(from + length),
      series: series.filter(({ counts }) => counts.some((count) => count > 0)),
    };
  }

  private get stepSeconds(): number {
    return STEPS[this.step] as number;
  }

  private canJoin(): boolean {
    return this.step < STEPS.length - 1;
  }

  private join(): void {
    const before = this.bars;
    const startSeconds = [...before.keys()].map((number) => this.startSeconds(number));
    this.step += 1;
    this.bars = new Map();
    for (const [index, counts] of [...before.values()].entries()) {
      const number = this.numberOf(startSeconds[index] as number);
      for (const [category, count] of counts) addTo(this.bars, number, category, count);
    }
  }

  private numberOf(seconds: number): number {
    return Math.floor((seconds - MONDAY) / this.stepSeconds);
  }

  private startSeconds(number: number): number {
    return number * this.stepSeconds + MONDAY;
  }

  private startOf(number: number): string {
    return new Date(this.startSeconds(number) * 1000).toISOString();
  }
}

function addTo(
  bars: Map<number, Map<Category, number>>,
  bar: number,
  category: Category,
  records: number,
): void {
  const counts = bars.get(bar) ?? new Map<Category, number>();
  bars.set(bar, counts);
  counts.set(category, (counts.get(category) ?? 0) + records);
}
