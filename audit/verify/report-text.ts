import { RECOMMENDED_PREFIX } from "../decode/log-line-prefix";
import { formatCount } from "../output/tally";
import { terminalText } from "../output/terminal-text";
import type { TimeZone } from "../time-zone";
import { type Finding, timeOf } from "./finding";
import type { Place } from "./numbered-line";
import type { ServerReport, TrailReport } from "./trail-check";

/** The JSON output contains all findings. */
const FINDINGS_SHOWN = 50;

/** A time of the trail, which is ISO 8601 in UTC, for people. */
type TimeText = (time: string) => string;

/**
 * The report for people.
 * @param zone of the times
 */
export function reportText(report: TrailReport, zone: TimeZone): string {
  const { servers, findings } = report;
  const unexplained = findings.filter(({ explained }) => !explained);
  const explained = findings.filter((finding) => finding.explained);
  const shown = unexplained.slice(0, FINDINGS_SHOWN);
  const timeText = (time: string): string => {
    const local = zone.localTime(time);
    return `${local.day} ${local.time}`;
  };
  const name = (finding: Finding) => nameOf(finding, servers.length > 1, timeText);
  return [
    ...servers.flatMap((server) => serverLines(server, timeText, zone)),
    ...title("Unexplained", unexplained),
    ...shown.flatMap((finding) => [`  ${name(finding)}`, ...details(finding, timeText)]),
    ...more(unexplained, shown.length),
    ...title("Explained", explained),
    ...byReason(explained, FINDINGS_SHOWN - shown.length, name),
    ...(servers.length > 0 ? [""] : []),
    ...advice(report),
    verdict(report),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function serverLines(report: ServerReport, timeText: TimeText, zone: TimeZone): string[] {
  const { server, lines, sessions, complete_sessions: complete, first, last } = report;
  const name = server === null ? "(no server's name)" : terminalText(server);
  const without = report.lines_without_number;
  const step = report.numbers_per_message;
  return [
    `${name}: ${plural(lines, "line")}, ${plural(sessions, "session")}, ${formatCount(complete)} complete; ${timeText(first)} to ${timeText(last)} ${zone.name}`,
    ...(without === 0
      ? []
      : [
          `  ${plural(without, "line")} without a number or a session in the prefix, the last one at ${timeText(report.last_without_number ?? "")}`,
        ]),
    ...(step === 1 ? [] : [`  each message takes ${step} numbers on this server`]),
    ...(report.mixed_numbers
      ? ["  some messages take fewer: single missing lines may not be seen"]
      : []),
    ...(report.logs_disconnections || sessions === 0
      ? []
      : ["  no disconnection lines (log_disconnections): missing last lines can't be seen"]),
  ];
}

const title = (name: string, { length }: readonly Finding[]): string[] =>
  length === 0 ? [] : ["", `${name}: ${formatCount(length)}`];

const more = ({ length }: readonly Finding[], shown: number): string[] =>
  length === shown ? [] : [`  and ${formatCount(length - shown)} more (--format json has all)`];

/** Many messages with further lines leave gaps for the same reason: one line each. */
function byReason(
  findings: readonly Finding[],
  most: number,
  name: (finding: Finding) => string,
): string[] {
  const shown = findings.slice(0, most);
  const reasons = new Set(shown.map(({ reason }) => reason));
  const lines = [...reasons].flatMap((reason) => [
    `  ${terminalText(reason)}:`,
    ...shown
      .filter((finding) => finding.reason === reason)
      .map((finding) => `    ${name(finding)}  ${placeName(finding.before ?? finding.after)}`),
  ]);
  return [...lines, ...more(findings, shown.length)];
}

function nameOf(finding: Finding, withServer: boolean, timeText: TimeText): string {
  const { kind, server, session, user, from_number: from, to_number: to } = finding;
  const names = [withServer ? server : null, session, user].filter((name) => name !== null);
  const numbers =
    from === null || to === null ? "" : from === to ? ` ${from}` : ` ${from} to ${to}`;
  return `${timeText(timeOf(finding))}  ${kind}${numbers}  ${names.map(terminalText).join("  ")}`;
}

function details({ before, after, reason }: Finding, timeText: TimeText): string[] {
  return [
    `    ${terminalText(reason)}`,
    ...(before === null ? [] : [`    after ${placeName(before)}, ${timeText(before.time)}`]),
    ...(after === null
      ? []
      : [`    ${before === null ? "" : "before "}${placeName(after)}, ${timeText(after.time)}`]),
  ];
}

const placeName = (place: Place | null): string =>
  place === null ? "" : `byte ${place.file_offset} of ${terminalText(place.file)}`;

function advice({ servers, findings }: TrailReport): string[] {
  const without = servers.filter((server) => server.lines_without_number > 0);
  const isPast = without.every(({ last, last_without_number: until }) => last > (until ?? ""));
  const isAzures = findings.some(
    ({ server, kind, explained }) => server !== null && kind === "gap" && !explained,
  );
  return [
    ...(without.length === 0
      ? []
      : [
          "Lines without %l and %c can be removed without a trace: " +
            (isPast
              ? "later ones have them, and --since checks these alone."
              : `set the server parameter log_line_prefix to "${RECOMMENDED_PREFIX}".`),
        ]),
    ...(isAzures
      ? ["A message over 65 KB, which Azure leaves out, looks like a removed line."]
      : []),
  ];
}

function verdict({ verdict, servers, unexplained, broken_lines }: TrailReport): string {
  const sum = (count: (server: ServerReport) => number) =>
    servers.reduce((total, server) => total + count(server), 0);
  const sessions = plural(
    sum((server) => server.sessions),
    "session",
  );
  const lines = plural(
    sum((server) => server.lines),
    "line",
  );
  const without = sum((server) => server.lines_without_number);
  if (verdict === "complete") return `Complete: ${sessions}, ${lines}, no unexplained gap.`;
  if (servers.length === 0 && broken_lines === 0) return "Can't be verified: no lines were read.";
  const doubts = [
    ...(unexplained > 0 ? [plural(unexplained, "unexplained finding")] : []),
    ...(without > 0 ? [`${plural(without, "line")} without a number`] : []),
    ...(broken_lines > 0 ? [plural(broken_lines, "broken line")] : []),
    ...(servers.some((server) => server.mixed_numbers) ? ["numbers of different kinds"] : []),
  ];
  const word = verdict === "not complete" ? "Not complete" : "Can't be verified";
  return `${word}: ${doubts.join(", ")}; ${sessions}, ${lines}.`;
}

const plural = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
