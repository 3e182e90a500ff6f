import * as fs from "node:fs";
import * as path from "node:path";
import { Decoder } from "../../../../audit/decode/decoder";
import type { LogRecord } from "../../../../audit/record";
import type { Finding } from "../../../../audit/rules/finding";
import type { Baseline } from "../../../../audit/rules/first-sight";
import { Notables } from "../../../../audit/rules/notables";
import { type RuleSource, readRules } from "../../../../audit/rules/rule-files";

const HEADER = "logsource:\n    product: postgresql\n";

interface RuleParts {
  readonly title?: string;
  /** @default the title */
  readonly id?: string;
  /** Lines before the logsource. */
  readonly more?: string;
}

/** A rule with this detection. */
export function ruleText(detection: string, { title = "A rule", id, more = "" }: RuleParts = {}) {
  const head = `title: ${title}\nid: ${id ?? title}\nlevel: high\n${more}${HEADER}`;
  return `${head}detection:\n${detection.replace(/^/gm, "    ")}\n`;
}

/** The rules of files in a new folder. */
export function rulesOf(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<RuleSource> {
  for (const [name, text] of Object.entries(files)) {
    fs.writeFileSync(path.join(folder, name), text);
  }
  return readRules([folder]);
}

export interface Found {
  readonly notables: Notables;
  readonly findings: readonly Finding[];
}

/** Applies rules to a whole trail. */
export function find(
  source: RuleSource,
  records: readonly LogRecord[],
  baseline?: Baseline,
): Found {
  const notables = new Notables({ source, baseline });
  const findings: Finding[] = [];
  notables.listen((finding) => findings.push(finding));
  for (const record of records) notables.add(record);
  notables.end();
  return { notables, findings };
}

export const NOTABLE_LOG = path.join(__dirname, "fixtures/notable.jsonlog");

/** The records of a real server's log: `capture-sessions.ts` has its statements. */
export function notableRecords(): LogRecord[] {
  const decoder = new Decoder();
  const lines = fs.readFileSync(NOTABLE_LOG, "utf8").trimEnd().split("\n");
  return lines.flatMap((line) =>
    decoder.decode(Buffer.from(line), "notable.jsonlog", 0).flatMap(({ record }) => record ?? []),
  );
}
