import { BarController, BarElement, CategoryScale, Chart, LinearScale, Tooltip } from "chart.js";
import type { TimelineData } from "../report-data";
import { type Chooser, isFiltered, type Span } from "./choice";
import { nameOfSpan } from "./choices";
import { earlier, later, sum } from "./counter";
import { byId, count, records, timeOf } from "./dom";
import type { Result, Results } from "./results";
import type { Theme } from "./theme";
import { timelineOptions } from "./timeline-options";

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Tooltip);

/** Opacity of bars that aren't selected. */
const FADED = 0.25;

/** A first and a last bar. */
type Bars = readonly [first: number, last: number];

/** Stacked bars over time; one or several can be chosen by pointer and keyboard, and fill the chart then. */
export class TimelineChart {
  private readonly canvas = byId<HTMLCanvasElement>("timeline-chart");
  private readonly chart: Chart<"bar", number[], string>;
  private timeline: TimelineData;
  /** The bar that the arrow keys or the pointer selected. */
  private pointed: number | undefined;
  /** Where a selection of several bars began. */
  private anchor: number | undefined;

  constructor(
    private readonly results: Results,
    private readonly chooser: Chooser,
    private readonly theme: Theme,
  ) {
    this.timeline = results.whole.timeline;
    this.chart = new Chart(this.canvas, {
      type: "bar",
      data: { labels: [], datasets: [] },
      options: timelineOptions({
        tick: (bar) => this.tick(bar),
        title: (bar) => this.spanName(bar),
      }),
    });
    results.onResult((result) => this.show(result));
    theme.onChange(() => this.draw());
    this.listen();
  }

  /** Called for printing, because paper has another width. */
  resize(): void {
    this.chart.resize();
  }

  private show({ counts, choice }: Result): void {
    const { isTruncated, rows } = this.results;
    this.timeline = counts.timeline;
    this.deselect();
    const ofTable =
      isTruncated && isFiltered(choice) ? `; of the newest ${records(rows.length)}` : "";
    byId("timeline-step").textContent = `by ${stepName(this.timeline.stepSeconds)}, UTC${ofTable}`;
    this.canvas.setAttribute("aria-label", this.description());
  }

  private draw(): void {
    const { timeline, theme } = this;
    const [first, last] = this.selection() ?? [0, timeline.starts.length];
    this.chart.data.labels = timeline.starts.map(timeOf);
    this.chart.data.datasets = timeline.series.map(({ category, counts }) => {
      const color = theme.color(`--${category.toLowerCase()}`);
      return {
        label: category,
        data: [...counts],
        backgroundColor: counts.map((_, bar) =>
          bar >= first && bar <= last ? color : faded(color),
        ),
        barPercentage: 1,
        categoryPercentage: 0.86,
        stack: "all",
      };
    });
    const { x, y } = this.chart.options.scales ?? {};
    const text = theme.color("--muted");
    if (x?.ticks && y?.ticks && y.grid && x.border) {
      [x.ticks.color, y.ticks.color] = [text, text];
      [x.border.color, y.grid.color] = [theme.color("--line"), theme.color("--line")];
    }
    this.chart.update("none");
  }

  private listen(): void {
    const { canvas } = this;
    canvas.addEventListener("keydown", (event) => this.onKey(event));
    canvas.addEventListener("blur", () => this.deselect());
    canvas.addEventListener("pointerdown", (event) => {
      this.anchor = event.button === 0 ? this.barAt(event) : undefined;
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.anchor === undefined || event.buttons === 0) return;
      this.pointed = this.barAt(event) ?? this.pointed;
      this.draw();
    });
    canvas.addEventListener("pointerup", (event) => {
      this.pointed = this.barAt(event) ?? this.pointed;
      if (this.anchor !== undefined && this.pointed !== undefined) this.choose();
    });
    // The touch scrolls the page.
    canvas.addEventListener("pointercancel", () => this.deselect());
  }

  private barAt({ offsetX, offsetY }: PointerEvent): number | undefined {
    const { left, right, top, bottom } = this.chart.chartArea;
    const isInside = offsetX >= left && offsetX <= right && offsetY >= top && offsetY <= bottom;
    const bar = isInside ? this.chart.scales.x?.getValueForPixel(offsetX) : undefined;
    return bar === undefined ? undefined : Math.min(this.last, Math.max(0, bar));
  }

  private get last(): number {
    return this.timeline.starts.length - 1;
  }

  private selection(): Bars | undefined {
    const { pointed, anchor } = this;
    if (pointed === undefined || anchor === undefined) return undefined;
    return [Math.min(pointed, anchor), Math.max(pointed, anchor)];
  }

  private deselect(): void {
    this.anchor = undefined;
    this.point(undefined);
  }

  /** Chooses the selected bars; if these are all, as after choosing one of the shortest, shows all again. */
  private choose(): void {
    const [first, last] = this.selection() ?? [this.pointed ?? 0, this.pointed ?? 0];
    const isWhole = first === 0 && last === this.last;
    this.chooser.change({ span: isWhole ? undefined : this.spanOf(first, last) });
  }

  private spanOf(first: number, last = first): Span {
    const { starts, end } = this.timeline;
    const { from, to } = this.chooser.current.span ?? {};
    // The first and the last bar may be longer than the chosen time.
    return { from: later(from, starts[first] ?? ""), to: earlier(to, starts[last + 1] ?? end) };
  }

  private onKey(event: KeyboardEvent): void {
    const { pointed, last } = this;
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: Math.max(0, (pointed ?? last + 1) - 1),
      ArrowRight: Math.min(last, (pointed ?? -1) + 1),
      Home: 0,
      End: last,
    };
    const move = moves[event.key];
    if (move !== undefined) {
      this.anchor = event.shiftKey ? (this.anchor ?? pointed ?? move) : undefined;
      this.point(move);
    } else if ((event.key === "Enter" || event.key === " ") && pointed !== undefined) {
      this.choose();
    } else return;
    event.preventDefault();
  }

  /** Shows a bar's counts, also to screen readers. */
  private point(bar: number | undefined): void {
    this.pointed = bar;
    this.draw();
    const active =
      bar === undefined
        ? []
        : this.timeline.series.map((_, datasetIndex) => ({ datasetIndex, index: bar }));
    this.chart.tooltip?.setActiveElements(active, { x: 0, y: 0 });
    this.chart.update("none");
    byId("timeline-said").textContent = bar === undefined ? "" : this.contents(bar);
  }

  private contents(bar: number): string {
    const parts = this.timeline.series
      .filter(({ counts }) => (counts[bar] ?? 0) > 0)
      .map(({ category, counts }) => `${category} ${count(counts[bar] ?? 0)}`);
    return `${this.spanName(bar)}: ${parts.join(", ") || "no records"}`;
  }

  private description(): string {
    const totals = this.timeline.series.map(
      ({ category, counts }) => `${category} ${count(sum(counts))}`,
    );
    return `Records over time by class, in ${this.timeline.starts.length} bars. In all: ${totals.join(", ")}`;
  }

  private tick(bar: number): string | string[] {
    const { starts, stepSeconds } = this.timeline;
    const start = starts[bar] ?? "";
    if (stepSeconds >= 24 * 3600) return start.slice(0, 10);
    const clock = start.slice(11, stepSeconds < 60 ? 19 : 16);
    const isOneDay = starts[0]?.slice(0, 10) === starts.at(-1)?.slice(0, 10);
    return isOneDay ? clock : [clock, start.slice(5, 10)];
  }

  private spanName(bar: number): string {
    return nameOfSpan(this.spanOf(bar));
  }
}

function faded(color: string): string {
  return color.replace(/^rgb\((.*)\)$/, `rgba($1, ${FADED})`);
}

const UNITS: readonly (readonly [number, string])[] = [
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
];

function stepName(seconds: number): string {
  const [length, name] = UNITS.find(([unit]) => seconds % unit === 0) ?? [1, "second"];
  const number = seconds / length;
  return number === 1 ? name : `${number} ${name}s`;
}
