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
const PARAMETERS_LOG = path.join(__dirname, "fixtures/parameters.jsonlog");

/**
 * The records of a real server's logs: `capture-sessions.ts` has the statements of one, `capture-parameters.ts` the
 * changes of the other.
 */
export const notableRecords = (): LogRecord[] => [NOTABLE_LOG, PARAMETERS_LOG].flatMap(recordsOf);

function recordsOf(file: string): LogRecord[] {
  const decoder = new Decoder();
  const lines = fs.readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.flatMap((line) =>
    decoder.decode(Buffer.from(line), path.basename(file), 0).flatMap(({ record }) => record ?? []),
  );
}
