import type { LogRecord } from "../record";

/** Sigma's levels, in ascending order. Source: Sigma rules specification 2.1, "Level". */
export const LEVELS = ["informational", "low", "medium", "high", "critical"] as const;
export type Level = (typeof LEVELS)[number];

export interface RuleInfo {
  /** A UUID, or what the rule has instead. */
  readonly id: string;
  readonly title: string;
  readonly level: Level;
}

/**
 * Something that a person should see: a record that a rule matches, a burst of records, the first sight of a user or
 * client address, a gap in the trail. Plain data, for messages between threads; the names are those of the output.
 */
export interface Finding {
  /** Of the record, or of the first record of a burst; ISO 8601 in UTC as in records. */
  readonly time: string;
  /** Time of the last record of a burst; null for a finding of one record. */
  readonly last_time: string | null;
  readonly level: Level;
  /** The rule's title. */
  readonly rule: string;
  readonly rule_id: string;
  /** Records. */
  readonly count: number;
  readonly server: string | null;
  readonly user_name: string | null;
  readonly database_name: string | null;
  readonly client: string | null;
  readonly command: string | null;
  readonly object_name: string | null;
  /** The statement or message of the record; what was counted in a burst. */
  readonly text: string;
  /** Where the record is; null for a burst. */
  readonly file: string | null;
  readonly file_offset: number | null;
}

/** A finding of one record. @param text instead of what the record says */
export function findingOf(rule: RuleInfo, record: LogRecord, text = textOf(record)): Finding {
  return {
    time: record.time,
    last_time: null,
    level: rule.level,
    rule: rule.title,
    rule_id: rule.id,
    count: 1,
    server: record.server,
    user_name: record.user_name,
    database_name: record.database_name,
    client: record.client,
    command: record.command,
    object_name: record.object_name,
    text,
    file: record.file,
    file_offset: record.file_offset,
  };
}

/** An error's message says more than its statement. */
function textOf({ kind, statement, message, detail }: LogRecord): string {
  const said = kind === "error" ? (message ?? statement) : (statement ?? message);
  return said ?? detail ?? "";
}

export function isAtLeast(level: Level, least: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(least);
}
