import { BarController, BarElement, CategoryScale, Chart, LinearScale, Tooltip } from "chart.js";
import type { TimelineData } from "../report-data";
import type { Choice, Chooser, Span } from "./choice";
import { byId, count, timeOf } from "./dom";
import type { Theme } from "./theme";

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Tooltip);

/** Opacity of bars that aren't chosen. */
const FADED = 0.25;

/** Stacked bars over time; a bar can be chosen by pointer and keyboard. */
export class TimelineChart {
  private readonly canvas = byId<HTMLCanvasElement>("timeline-chart");
  private readonly chart: Chart<"bar", number[], string>;
  /** The bar that the arrow keys selected. */
  private pointed: number | undefined;

  constructor(
    private readonly timeline: TimelineData,
    private readonly chooser: Chooser,
    private readonly theme: Theme,
  ) {
    byId("timeline-step").textContent = `by ${stepName(timeline.stepSeconds)}, UTC`;
    this.chart = new Chart(this.canvas, {
      type: "bar",
      data: { labels: timeline.starts.map(timeOf), datasets: [] },
      options: this.options(),
    });
    this.show(chooser.current);
    chooser.onChange((choice) => this.show(choice));
    theme.onChange(() => this.show(chooser.current));
    this.canvas.addEventListener("keydown", (event) => this.onKey(event));
    this.canvas.addEventListener("blur", () => this.point(undefined));
    this.canvas.setAttribute("aria-label", this.description());
  }

  /** Called for printing, because paper has another width. */
  resize(): void {
    this.chart.resize();
  }

  private show({ categories, span }: Choice): void {
    const { timeline, theme } = this;
    this.chart.data.datasets = timeline.series.map(({ category, counts }) => {
      const color = theme.color(`--${category.toLowerCase()}`);
      return {
        label: category,
        data: [...counts],
        hidden: categories.size > 0 && !categories.has(category),
        backgroundColor: counts.map((_, bar) =>
          span === undefined || span.from === timeline.starts[bar] ? color : faded(color),
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

  private options() {
    const font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
    return {
      animation: false as const,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: "index" as const, intersect: false },
      onClick: (_event: unknown, elements: readonly { readonly index: number }[]) => {
        const bar = elements[0]?.index;
        if (bar !== undefined) this.choose(bar);
      },
      scales: {
        x: {
          stacked: true,
          grid: { display: false },
          border: { color: "" },
          ticks: {
            color: "",
            font,
            maxRotation: 0,
            autoSkipPadding: 24,
            callback: (_value: unknown, bar: number) => this.tick(bar),
          },
        },
        y: {
          stacked: true,
          beginAtZero: true,
          border: { display: false },
          grid: { color: "" },
          ticks: {
            color: "",
            font,
            precision: 0,
            maxTicksLimit: 6,
            callback: (value: string | number) => count(Number(value)),
          },
        },
      },
      plugins: {
        tooltip: {
          filter: ({ parsed }: { readonly parsed: { readonly y: number | null } }) =>
            (parsed.y ?? 0) > 0,
          callbacks: {
            title: (items: readonly { readonly dataIndex: number }[]) =>
              items[0] ? this.spanName(items[0].dataIndex) : "",
            label: (item: {
              readonly dataset: { readonly label?: string };
              readonly parsed: { readonly y: number | null };
            }) => ` ${item.dataset.label ?? ""}  ${count(item.parsed.y ?? 0)}`,
          },
        },
      },
    };
  }

  private choose(bar: number): void {
    const span = this.spanOf(bar);
    if (span) this.chooser.toggleSpan(span);
  }

  private spanOf(bar: number): Span | undefined {
    const { starts, end } = this.timeline;
    const from = starts[bar];
    return from === undefined ? undefined : { from, to: starts[bar + 1] ?? end };
  }

  private onKey(event: KeyboardEvent): void {
    const last = this.timeline.starts.length - 1;
    const { pointed } = this;
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: Math.max(0, (pointed ?? last + 1) - 1),
      ArrowRight: Math.min(last, (pointed ?? -1) + 1),
      Home: 0,
      End: last,
    };
    const move = moves[event.key];
    if (move !== undefined) this.point(move);
    else if ((event.key === "Enter" || event.key === " ") && pointed !== undefined) {
      this.choose(pointed);
    } else return;
    event.preventDefault();
  }

  /** Shows a bar's counts, also to screen readers. */
  private point(bar: number | undefined): void {
    this.pointed = bar;
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
      ({ category, counts }) => `${category} ${count(totalOf(counts))}`,
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
    const span = this.spanOf(bar);
    return span ? nameOfSpan(span) : "";
  }
}

/** `2026-11-22 17:50:00 to 17:55:00`. */
export function nameOfSpan({ from, to }: Span): string {
  const [start, end] = [timeOf(from), timeOf(to)];
  return `${start} to ${end.startsWith(start.slice(0, 10)) ? end.slice(11) : end}`;
}

export function totalOf(counts: readonly number[]): number {
  return counts.reduce((sum, number) => sum + number, 0);
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
