import type { LogRecord } from "../record";
import { CATEGORIES, type Category, categoryOf, type TimelineData } from "./report-data";
import { barNumber, barsBetween, barStart, MAX_BARS, STEPS } from "./time-bars";

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
    const bars = barsBetween(this.first, this.last, stepSeconds);
    const from = this.numberOf(this.first);
    const series = CATEGORIES.map((category) => ({
      category,
      counts: bars.starts.map((_, index) => this.bars.get(from + index)?.get(category) ?? 0),
    }));
    return { ...bars, series: series.filter(({ counts }) => counts.some((count) => count > 0)) };
  }

  private get stepSeconds(): number {
    return STEPS[this.step] as number;
  }

  private canJoin(): boolean {
    return this.step < STEPS.length - 1;
  }

  private join(): void {
    const before = this.bars;
    const { stepSeconds } = this;
    this.step += 1;
    this.bars = new Map();
    for (const [shorter, counts] of before) {
      const number = this.numberOf(barStart(shorter, stepSeconds));
      for (const [category, count] of counts) addTo(this.bars, number, category, count);
    }
  }

  private numberOf(seconds: number): number {
    return barNumber(seconds, this.stepSeconds);
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
