import { describe, type Finding, type Result } from "./claim-check";
import { type Expected, type Place, typeOf } from "./claim";

/** Who checked the claims, and where. */
export interface ReportHeader {
  /** `2026-12-03`. */
  readonly date: string;
  readonly by: string;
  readonly location: string;
  /** Host of the Resource Manager. */
  readonly cloud: string;
}

/** What a report confirms. */
export interface Confirmations {
  readonly date: string;
  readonly by: string;
  /** By resource type: how many of its claims were checked, and how many of those confirmed. */
  readonly types: ReadonlyMap<string, { readonly checked: number; readonly confirmed: number }>;
}

const RESULTS: readonly Result[] = ["confirmed", "other words", "differs", "not checked"];

/** `31 confirmed, 0 other words, 3 differs, 0 not checked`. */
export const countResults = (findings: readonly Finding[]): string =>
  RESULTS.map((result) => `${findings.filter((it) => it.result === result).length} ${result}`).join(
    ", ",
  );

/** The report in Markdown: a table of all claims, and the whole answers that aren't the claimed ones. */
export function writeReport(
  findings: readonly Finding[],
  header: ReportHeader,
  place: Place,
): string {
  const others = findings.filter(({ result }) => result !== "confirmed");
  const text = [
    `# What Azure does: ${header.date}`,
    "",
    `Checked by ${header.by} in ${header.location} at ${header.cloud}, with \`./lab conformance\`. Identifiers and secrets are replaced.`,
    "",
    `${findings.length} claims: ${countResults(findings)}.`,
    "",
    "| Claim | Type | Claimed | Azure | Result |",
    "| --- | --- | --- | --- | --- |",
    ...findings.map(row),
    "",
    ...(others.length > 0 ? ["## What isn't confirmed", "", ...others.flatMap(details)] : []),
  ].join("\n");
  return mask(text, place);
}

/** Reads what `writeReport` wrote. */
export function readReport(text: string): Confirmations {
  const date = /^# What Azure does: (.*)$/m.exec(text)?.[1] ?? "";
  const by = /^Checked by (.*?) in /m.exec(text)?.[1] ?? "";
  const types = new Map<string, { checked: number; confirmed: number }>();
  for (const [, type = "", result] of text.matchAll(
    /^\| [^|]+ \| `([^`|]+)` \|.*\| ([a-z ]+) \|$/gm,
  )) {
    if (result === "not checked") continue;
    const { checked, confirmed } = types.get(type) ?? { checked: 0, confirmed: 0 };
    types.set(type, {
      checked: checked + 1,
      confirmed: confirmed + (result === "confirmed" ? 1 : 0),
    });
  }
  return { date, by, types };
}

function row({ states, request, expected, outcome, result }: Finding): string {
  const type = typeOf(request.url, request.method);
  const cells = [
    states,
    `\`${type}\``,
    describe(expected),
    outcome ? describe(outcome) : "",
    result,
  ];
  return `| ${cells.join(" | ")} |`;
}

function details({ states, request, expected, outcome, result, reason }: Finding): string[] {
  const { method, url, body } = request;
  const lines = [
    `${method} ${url}`,
    ...(body === undefined ? [] : [JSON.stringify(body)]),
    `claimed: ${describe(expected)}${claimedDetails(expected)}`,
  ];
  if (outcome) {
    lines.push(`Azure: ${describe(outcome)}`);
    if (outcome.message) lines.push(`message: ${outcome.message}`);
    else if (expected.body) lines.push(`body: ${JSON.stringify(outcome.body)}`);
  }
  if (reason) lines.push(`not checked: ${reason}`);
  return [`### ${result}: ${states}`, "", "```text", ...lines, "```", ""];
}

function claimedDetails({ message, body }: Expected): string {
  const text = message ? `, with a message like ${message.source}` : "";
  return body ? `${text}, with ${JSON.stringify(body)}` : text;
}

const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** Replaces what tells who and where: ids, the run's own names and password, addresses of people, signatures. */
function mask(text: string, { subscription, unique, password }: Place): string {
  return text
    .replaceAll(subscription.split("/").pop() ?? "", "<subscription>")
    .replaceAll(password, "<password>")
    .replaceAll(unique, "<unique>")
    .replace(GUID, "<guid>")
    .replace(/[\w.+-]+@[\w-]+(\.[\w-]+)+/g, "<address>")
    .replace(/\bsig=[^&\s"]+/g, "sig=<signature>");
}
