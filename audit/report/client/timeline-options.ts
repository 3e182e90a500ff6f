import { count } from "./dom";

interface Texts {
  /** The label of a bar on the axis. */
  readonly tick: (bar: number) => string | string[];
  /** The heading of a bar's counts. */
  readonly title: (bar: number) => string;
}

/** Chart.js's options of the timeline; the theme sets its colours. */
export function timelineOptions({ tick, title }: Texts) {
  const font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
  return {
    animation: false as const,
    responsive: true,
    maintainAspectRatio: false,
    interaction: { mode: "index" as const, intersect: false },
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
          callback: (_value: unknown, bar: number) => tick(bar),
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
            items[0] ? title(items[0].dataIndex) : "",
          label: (item: {
            readonly dataset: { readonly label?: string };
            readonly parsed: { readonly y: number | null };
          }) => ` ${item.dataset.label ?? ""}  ${count(item.parsed.y ?? 0)}`,
        },
      },
    },
  };
}
