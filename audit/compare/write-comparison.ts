import { csvLine } from "../output/csv-line";
import { formatCount } from "../output/tally";
import { fitToWidth, terminalText, textWidth } from "../output/terminal-text";
import { type Change, CHANGES, type Comparison } from "./comparison";
import { COMPARED_GROUPS, type ComparedGroup, type Side } from "./side";

export type ComparisonFormat = "table" | "json" | "csv";

/** Changes of one kind and group in the table; the other formats contain all. */
const CHANGES_SHOWN = 10;
/** Of a table, if the output isn't a terminal or its width is unknown. */
const DEFAULT_WIDTH = 120;
/** Columns that a line needs besides its names: the kind of change, two counts, and the factor. */
const OTHER_COLUMNS = 36;
const LEAST_NAME_WIDTH = 10;
const NAMES = ["user", "client", "database", "command", "object"] as const;

/**
 * The comparison as text, with its last line end.
 * @param width of the terminal, for a table
 */
export function comparisonText(
  comparison: Comparison,
  format: ComparisonFormat,
  width = DEFAULT_WIDTH,
): string {
  switch (format) {
    case "table":
      return table(comparison, width);
    case "json":
      return json(comparison);
    case "csv":
      return csv(comparison);
  }
}

/** One object; the changes have the same keys as the columns of CSV. */
function json(comparison: Comparison): string {
  const { before, after } = comparison;
  const changes = comparison.changes().map(fieldsOf);
  return `${JSON.stringify({ before: sideFields(before), after: sideFields(after), changes })}\n`;
}

function sideFields({ name, range, hours, records, ambiguous, first, last }: Side) {
  const [since, until] = [range?.since ?? null, range?.until ?? null];
  return { name, since, until, hours, records, ambiguous, first, last };
}

function csv(comparison: Comparison): string {
  const header = ["change", "group", ...NAMES, "before", "after", "ratio"];
  const rows = comparison.changes().map((change) => csvLine(Object.values(fieldsOf(change))));
  return csvLine(header) + rows.join("");
}

function fieldsOf({ kind, group, names, before, after, ratio }: Change) {
  const parts: readonly string[] = COMPARED_GROUPS[group];
  const named = NAMES.map((name) => [name, names[parts.indexOf(name)] ?? null] as const);
  return {
    change: kind,
    group,
    ...(Object.fromEntries(named) as Record<(typeof NAMES)[number], string | null>),
    before,
    after,
    ratio: ratio === null ? null : Number(ratio.toPrecision(4)),
  };
}

function table(comparison: Comparison, width: number): string {
  const { before, after } = comparison;
  const changes = comparison.changes();
  const groups = Object.keys(COMPARED_GROUPS) as ComparedGroup[];
  const changed = groups.filter((group) => changes.some((change) => change.group === group));
  const unchanged = groups.filter((group) => !changed.includes(group)).map(titleOf);
  const lines = [
    `before  ${sideTitle(before)}`,
    `after   ${sideTitle(after)}`,
    ...notesOf(comparison),
    ...changed.flatMap((group) => groupLines(group, changes, width)),
    ...(unchanged.length === 0
      ? []
      : ["", `nothing new, gone, much more or much less: ${unchanged.join("; ")}`]),
  ];
  return `${lines.join("\n")}\n`;
}

function notesOf(comparison: Comparison): string[] {
  const { before, after, scale } = comparison;
  const notes: string[] = [];
  if (scale !== 1) {
    notes.push(
      `The ranges differ in length (${hoursText(before)} and ${hoursText(after)} hours), so counts are compared per hour.`,
    );
  }
  if (before.ambiguous > 0 || after.ambiguous > 0) {
    const [first, second] = [formatCount(before.ambiguous), formatCount(after.ambiguous)];
    notes.push(
      `Not compared are ambiguous records, whose names are uncertain: ${first} before, ${second} after.`,
    );
  }
  return notes;
}

const hoursText = ({ hours }: Side): string => String(Number((hours ?? 0).toFixed(1)));

function sideTitle({ name, range, records, first, last }: Side): string {
  const count = `${formatCount(records)} ${records === 1 ? "record" : "records"}`;
  const [from, to] = range ? [range.since.toISOString(), range.until.toISOString()] : [first, last];
  const span = from === null || to === null ? "" : `, ${minutes(from)} to ${minutes(to)} UTC`;
  return `${terminalText(name)}: ${count}${span}`;
}

function minutes(time: string): string {
  return time.slice(0, "2026-11-22T17:51".length).replace("T", " ");
}

function titleOf(group: ComparedGroup): string {
  return COMPARED_GROUPS[group].join(" and ");
}

function groupLines(group: ComparedGroup, all: readonly Change[], width: number): string[] {
  const changes = all.filter((change) => change.group === group);
  const kinds = CHANGES.map((kind) => changes.filter((change) => change.kind === kind));
  const shown = kinds.flatMap((ofKind) => ofKind.slice(0, CHANGES_SHOWN));
  const widths = nameWidths(group, shown, width);
  const counts = shown.flatMap(({ before, after }) => [formatCount(before), formatCount(after)]);
  const countWidth = Math.max("before".length, ...counts.map((count) => count.length));
  const line = (kind: string, names: readonly string[], numbers: readonly string[], end = "") => {
    const cells = names.map((name, index) => fitToWidth(name, widths[index] ?? 0));
    const columns = [...cells, ...numbers.map((text) => text.padStart(countWidth)), end];
    return `  ${kind.padEnd("gone".length)}  ${columns.join("  ")}`.trimEnd();
  };
  const rows = kinds.flatMap((ofKind) => {
    const lines = ofKind.slice(0, CHANGES_SHOWN).map((change) => {
      const numbers = [formatCount(change.before), formatCount(change.after)];
      return line(change.kind, namesOf(change), numbers, factor(change));
    });
    const more = ofKind.length - lines.length;
    return more > 0 ? [...lines, `        and ${formatCount(more)} more`] : lines;
  });
  const noNames = widths.map(() => "");
  const heading = line("", noNames, ["before", "after"]).slice(titleOf(group).length);
  return ["", titleOf(group) + heading, ...rows];
}

/** The widths of the columns of names, which fit the terminal. */
function nameWidths(group: ComparedGroup, changes: readonly Change[], width: number): number[] {
  const parts = COMPARED_GROUPS[group];
  const most = Math.max(LEAST_NAME_WIDTH, Math.floor((width - OTHER_COLUMNS) / parts.length));
  const names = changes.map(namesOf);
  return parts.map((_part, index) =>
    Math.min(
      most,
      Math.max(LEAST_NAME_WIDTH, ...names.map((name) => textWidth(name[index] ?? ""))),
    ),
  );
}

function namesOf({ names }: Change): string[] {
  return names.map((name) => (name === null ? "(none)" : terminalText(name)));
}

/** How many times as many, or as few. */
function factor({ kind, ratio }: Change): string {
  if (ratio === null || kind === "gone") return "";
  return ratio >= 1 ? `× ${short(ratio)}` : `÷ ${short(1 / ratio)}`;
}

function short(ratio: number): string {
  return ratio < 10 ? ratio.toFixed(1) : formatCount(Math.round(ratio));
}
