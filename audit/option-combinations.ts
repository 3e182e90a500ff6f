import type { Compared } from "./compare/compared";
import type { OptionContext, OptionTexts } from "./option-texts";

const CONTENT_FILTERS = [
  ...["class", "user", "database", "command", "object", "client"],
  ...["sessionId", "pid", "kind", "grep"],
] as const satisfies readonly (keyof OptionTexts)[];

/** What is wrong with options that are given together. */
export function combinationProblems(
  texts: OptionTexts,
  context: OptionContext,
  compared: Compared | undefined,
): string[] {
  return [
    ...resultProblems(texts),
    ...verifyProblems(texts),
    ...placeProblems(texts, context, compared),
    ...resumingProblems(texts, context),
  ];
}

function resultProblems(texts: OptionTexts): string[] {
  const problems: string[] = [];
  const [first, second] = (
    ["summary", "verify", "notable", "compare", "html", "sql", "parquet"] as const
  ).filter((name) => texts[name] !== undefined);
  if (first && second) problems.push(`--${first} and --${second} exclude each other.`);
  if (first && texts.follow) {
    problems.push(`--${first} needs an end, but --follow has none; use --since and --until.`);
  }
  if (texts.follow && texts.unique) {
    problems.push("--unique compares sorted records, but --follow shows them as they come.");
  }
  if (texts.follow && texts.until !== undefined) {
    problems.push("--follow continues until Ctrl-C; leave out --until.");
  }
  if (texts.limit !== undefined && texts.tail !== undefined) {
    problems.push("--limit and --tail exclude each other.");
  }
  for (const name of ["limit", "tail"] as const) {
    if (first && texts[name] !== undefined) {
      problems.push(`--${name} shortens a list of records; leave it out with --${first}.`);
    }
  }
  if ((first === "html" || first === "parquet") && texts.format !== undefined) {
    problems.push(`--${first} determines the format; leave out --format.`);
  }
  if (texts.open && first !== "html") {
    problems.push("--open opens the page of --html; add --html FILE.");
  }
  if (texts.force && first !== "html" && first !== "parquet") {
    problems.push("--force replaces the file of --html or --parquet; leave it out.");
  }
  const hasNoLines = ["sql", "summary", "notable", "compare"].includes(first ?? "");
  if (hasNoLines && texts.format === "raw") {
    problems.push(`--${first} has no raw lines; use table, json or csv.`);
  }
  return problems;
}

/** A line that a filter leaves out would be missing. */
function verifyProblems(texts: OptionTexts): string[] {
  const problems: string[] = [];
  if (!texts.verify) return problems;
  const filter = CONTENT_FILTERS.find((name) => texts[name] !== undefined);
  if (filter) {
    problems.push(
      `--verify needs all lines, but --${filter === "sessionId" ? "session-id" : filter} leaves some out; leave it out.`,
    );
  }
  if (texts.format === "csv" || texts.format === "raw") {
    problems.push(`--verify has no ${texts.format}; use table or json.`);
  }
  return problems;
}

function placeProblems(
  texts: OptionTexts,
  context: OptionContext,
  compared: Compared | undefined,
): string[] {
  const problems: string[] = [];
  const places = [
    ...(compared?.paths ? ["the paths of --compare"] : []),
    ...(context.paths.length > 0 ? ["paths"] : []),
    ...(texts.stack === undefined ? [] : ["--stack"]),
    ...(texts.containerUrl === undefined ? [] : ["--container-url"]),
  ];
  if (places.length > 1) {
    problems.push(`${places.join(" and ")} exclude each other: the trail is read from one place.`);
  }
  if (texts.compare && !compared) return problems;
  if (places.length === 0 && !context.hasStacks) {
    problems.push(
      "Nothing to read: give files or folders, - for standard input, or --container-url." +
        (compared
          ? ` If ${compared.names.before} is a folder, write ./${compared.names.before}.`
          : ""),
    );
  }
  return problems;
}

function resumingProblems(texts: OptionTexts, context: OptionContext): string[] {
  const problems: string[] = [];
  if (texts.sinceLast === undefined) return problems;
  if (texts.sinceLast === "") problems.push("--since-last is empty; it takes the name of a file.");
  const reasons = {
    follow: "--follow has no last line",
    until: "later records would never be shown",
    limit: "the other records would never be shown",
    tail: "the other records would never be shown",
    verify: "sessions need the numbers of their earlier lines",
    compare: "a comparison reads both sides whole",
  } as const;
  for (const [name, reason] of Object.entries(reasons)) {
    if (texts[name as keyof typeof reasons] === undefined) continue;
    problems.push(`--since-last and --${name} exclude each other: ${reason}.`);
  }
  if (context.paths.includes("-")) {
    problems.push("--since-last needs files or a container: standard input can't be resumed.");
  }
  return problems;
}
