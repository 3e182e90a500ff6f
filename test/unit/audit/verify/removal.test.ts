import type { JsonLogLine } from "../../../../local/backends/log-shipper/log-line-prefix";
import type { Finding } from "../../../../audit/verify/finding";
import { fixtureLines } from "../decode/decoding";
import { azure, capturedLines, checkLines, readLines } from "./trails";

const WITHOUT_SESSION = "%t %p %l-1 db-%d,user-%u,app-%a,client-%h ";

const jsonlog = fixtureLines("trail.jsonlog").map((line) => JSON.parse(line) as JsonLogLine);
const plain = capturedLines();

/** Every form of the captured trail, and the number of each line in its session. */
const FORMS: readonly (readonly [string, readonly JsonLogLine[], readonly string[]])[] = [
  ["Azure's records", plain, plain.map((line) => azure(line))],
  [
    "Azure's records with the original workshop's prefix, without %c",
    plain,
    plain.map((line) => azure(line, { prefix: WITHOUT_SESSION })),
  ],
  ["jsonlog", jsonlog, fixtureLines("trail.jsonlog")],
];

const without = <T>(values: readonly T[], index: number): T[] =>
  values.filter((_, at) => at !== index);

const isOf = ({ session_id, pid }: JsonLogLine, { session }: Finding): boolean =>
  session === session_id || session === `process ${pid}`;

const covers = ({ from_number: from, to_number: to }: Finding, number: number): boolean =>
  from !== null && to !== null && from <= number && number <= to;

describe.each(FORMS)("%s of a real server", (_name, lines, texts) => {
  const read = readLines(texts);
  const isLast = (index: number): boolean =>
    !lines.slice(index + 1).some(({ session_id }) => session_id === lines[index]?.session_id);

  test("have no missing line", () => {
    const { findings } = checkLines(read);
    const missing = findings.filter(
      ({ kind, explained }) => (kind === "gap" || kind === "beginning") && !explained,
    );
    // In Azure's records a session's imitation of an entry, which has further lines, looks like one with a gap.
    const forged = lines.findIndex(({ message }) => message.includes("SELECT forged"));
    expect(missing.map(({ session, from_number }) => [session, from_number])).toEqual(
      lines === jsonlog ? [] : [[missing[0]?.session, (lines[forged]?.line_num ?? 0) + 1]],
    );
  });

  test("miss each line that is removed: the report names its session and number", () => {
    const unseen: unknown[] = [];
    lines.forEach((line, index) => {
      const { findings } = checkLines(without(read, index));
      const isReported = findings.some(
        (finding) =>
          isOf(line, finding) &&
          (covers(finding, line.line_num ?? 0) || (isLast(index) && finding.kind === "end")),
      );
      if (!isReported) unseen.push([line.session_id, line.line_num, line.message]);
    });
    expect(unseen).toEqual([]);
  });

  test("miss each entry of pgAudit's that is removed, without an explanation", () => {
    const explained: unknown[] = [];
    lines.forEach((line, index) => {
      const isEntry = line.message.startsWith("AUDIT: SESSION") && line.context === undefined;
      if (!isEntry || isLast(index)) return;
      const { findings } = checkLines(without(read, index));
      const isReported = findings.some(
        (finding) =>
          isOf(line, finding) && !finding.explained && covers(finding, line.line_num ?? 0),
      );
      if (!isReported) explained.push([line.session_id, line.line_num, line.message]);
    });
    expect(explained).toEqual([]);
  });
});
