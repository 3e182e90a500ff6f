import { codeBlock, codeCell, fitLines } from "./markdown";
import { Change, Preview } from "./preview";
import { redact } from "./redact";

/** GitHub refuses a longer comment: "Body is too long (maximum is 65536 characters)". */
export const COMMENT_LIMIT = 65_536;

/** The table gets no more than this, so that some of the diff is always shown. */
const TABLE_BUDGET = 30_000;
const ERROR_BUDGET = 20_000;
/** More changed properties of one resource are only counted. */
const PROPERTIES_SHOWN = 8;

/** Pulumi's operations in the order of their weight, with its own signs. */
const OPERATIONS: Readonly<Record<string, string>> = {
  delete: "-",
  replace: "+-",
  update: "~",
  create: "+",
};

export interface CommentParts {
  readonly stack: string;
  readonly preview: Preview;
  /** What `pulumi preview --diff` printed; empty where there is none. */
  readonly diff: string;
}

/** The comment's markdown: a marker to find it again, a summary, a table of what changes, and the diff folded away. */
export function renderComment({ stack, preview, diff }: CommentParts): string {
  const start = redact(
    [
      `<!-- pulumi preview of ${stack} -->`,
      `### Preview of \`${stack}\``,
      "",
      summary(preview),
      "",
      ...details(preview),
    ].join("\n"),
  );
  const showDiff = preview.errors.length === 0 && diff.trim() !== "";
  return showDiff
    ? `${start}\n${diffBlock(redact(diff), COMMENT_LIMIT - start.length - 2)}\n`
    : `${start}\n`;
}

function details({ changes, errors }: Preview): string[] {
  if (errors.length > 0) return [errorBlock(errors)];
  return changes.length > 0 ? [...table(changes), ""] : [];
}

function summary({ changes, errors }: Preview): string {
  if (errors.length > 0)
    return "**The preview failed**, so nothing can be said of what would change.";
  if (changes.length === 0) return "**No changes.**";
  const known = Object.keys(OPERATIONS);
  const found = [...new Set(changes.map(({ operation }) => operation))];
  const counts = [...known.filter((word) => found.includes(word)), ...unknownOf(found)].map(
    (word) => `**${changes.filter(({ operation }) => operation === word).length} to ${word}**`,
  );
  return counts.join(", ");
}

function table(changes: readonly Change[]): string[] {
  const weight = ({ operation }: Change) => Object.keys(OPERATIONS).indexOf(operation);
  const rows = [...changes]
    // What this list doesn't know comes first: index -1.
    .sort((a, b) => weight(a) - weight(b))
    .map(
      (change) =>
        `| ${codeCell(OPERATIONS[change.operation] ?? "?")} ${change.operation} | ${codeCell(change.name)} | ${codeCell(change.type)} | ${properties(change)} |`,
    );
  return [
    "| | Resource | Type | Changed |",
    "|---|---|---|---|",
    ...fitLines(rows, TABLE_BUDGET, (left) => `| | … and ${left} more | | |`),
  ];
}

function properties({ properties, replacing }: Change): string {
  const shown = properties
    .slice(0, PROPERTIES_SHOWN)
    .map((path) => codeCell(path) + (replacing.includes(path) ? " (replaces)" : ""));
  const left = properties.length - shown.length;
  return [...shown, ...(left > 0 ? [`${left} more`] : [])].join(", ");
}

function errorBlock(errors: readonly string[]): string {
  const lines = errors.join("\n\n").split("\n");
  return codeBlock(
    fitLines(
      lines,
      ERROR_BUDGET,
      (left) => `… ${left} more lines stand in the workflow's log`,
    ).join("\n"),
  );
}

function diffBlock(diff: string, budget: number): string {
  const lines = diff.trimEnd().split("\n").map(signFirst);
  const fold = (text: string) =>
    `<details><summary>The whole diff</summary>\n\n${codeBlock(text, "diff")}\n\n</details>`;
  // The fence is as long as the whole text needs.
  const frame = fold(lines.join("\n")).length - lines.join("\n").length;
  const fitting = fitLines(
    lines,
    budget - frame,
    (left) => `… ${left} more lines stand in the workflow's log`,
  );
  return fold(fitting.join("\n"));
}

/** GitHub colors a line of a diff by its first character; Pulumi indents its signs. */
function signFirst(line: string): string {
  return line.replace(/^( +)(\+-|[+-])(?=[ a-z])/, "$2$1");
}

function unknownOf(operations: readonly string[]): string[] {
  return operations.filter((word) => !(word in OPERATIONS));
}
