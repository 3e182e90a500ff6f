import { LEFT_OUT } from "./cells";
import { type Comparison } from "./compare";
import { type CellResult, isGood } from "./run-cell";

const MESSAGE_LENGTH = 160;

const HEADINGS = [
  ...["part", "moment", "way", "survived", "seconds", "lines"],
  ...["lost", "doubled", "not in order", "lost in mount", "doubled in mount", "not logged"],
  "message",
] as const;

/** The last line that says something, without colours. */
export function lastMessage(text: string): string {
  const lines = text
    .replaceAll(/\u001b\[[\d;?]*[A-Za-z]/g, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const error = lines.filter((line) => /error:|^Error|ended with|not within/.test(line)).at(-1);
  return (error ?? lines.at(-1) ?? "").slice(0, MESSAGE_LENGTH);
}

export function row(result: CellResult): readonly string[] {
  const { cell, survived, seconds, blobs, mount, message } = result;
  const count = (trail: Comparison | undefined, field: "lost" | "doubled" | "outOfOrder") =>
    trail === undefined ? "-" : String(trail[field].length);
  return [
    ...[cell.part, cell.moment, cell.way, survived ? "yes" : "NO", seconds.toFixed(0)],
    ...[String(blobs?.expected ?? "-"), count(blobs, "lost")],
    ...[withUnknown(blobs), count(blobs, "outOfOrder")],
    ...[count(mount, "lost"), withUnknown(mount), String(result.unlogged)],
    lastMessage(message),
  ];
}

/** A record of no line counts as one too many. */
const withUnknown = (trail: Comparison | undefined): string =>
  trail === undefined ? "-" : String(trail.doubled.length + trail.unknown.length);

/** A Markdown table; a pipe in a message would end its cell. */
export function markdown(results: readonly CellResult[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(HEADINGS), line(HEADINGS.map(() => "---")), ...results.map(row).map(line)].join(
    "\n",
  );
}

export function summary(results: readonly CellResult[], notRun: number): string {
  const good = results.filter(isGood).length;
  return [
    `${good} of ${results.length} cells: survived, and every line is in the blobs and in the mount exactly once, in order.`,
    `${notRun} cells of the matrix were not chosen.`,
    "Left out of the matrix:",
    ...LEFT_OUT.map((reason) => `- ${reason}`),
  ].join("\n");
}
