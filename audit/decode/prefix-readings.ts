import type { Draft } from "./draft";
import type { Part } from "./log-line-prefix";
import { type PrefixValues, valueRule } from "./prefix-values";

/** The record's fields that a prefix contains; null for those that it doesn't contain. */
export interface PrefixFields {
  readonly applicationName: string | null;
  readonly userName: string | null;
  readonly databaseName: string | null;
  readonly client: string | null;
  readonly clientPort: number | null;
  readonly processId: number | null;
  readonly sessionId: string | null;
  readonly sessionLineNum: number | null;
  readonly backendType: string | null;
  readonly sqlState: string | null;
  /** %m or %t. */
  readonly timestamp: string | null;
  /** %n. */
  readonly epochSeconds: string | null;
}

function prefixFields(values: PrefixValues): PrefixFields {
  const text = (letter: string): string | null => values[letter] || null;
  const number = (letter: string): number | null =>
    values[letter] === undefined ? null : Number(values[letter]);
  // `10.0.0.4(51234)`, `[local]`.
  const [host, port] = (values.r ?? "").split(/\((?=\d+\)$)/) as [string, string?];
  const sessionId = text("c");
  return {
    applicationName: text("a"),
    userName: text("u"),
    databaseName: text("d"),
    client: text("h") ?? (host || null),
    clientPort: port === undefined ? null : parseInt(port, 10),
    processId: number("p") ?? (sessionId === null ? null : processIdOf(sessionId)),
    sessionId,
    sessionLineNum: number("l"),
    backendType: text("b"),
    sqlState: text("e"),
    timestamp: text("m") ?? text("t"),
    epochSeconds: text("n"),
  };
}

/** A session id consists of the start time and the process id, in hexadecimal digits. Source: PostgreSQL 15, "log_line_prefix", %c. */
export const processIdOf = (sessionId: string): number =>
  parseInt(sessionId.slice(sessionId.indexOf(".") + 1), 16);

/** Sets the fields that the record itself doesn't contain. */
export function setPrefixFields(fields: PrefixFields, draft: Draft): void {
  draft.application_name = fields.applicationName;
  draft.user_name = fields.userName;
  draft.database_name = fields.databaseName;
  draft.client = fields.client;
  draft.client_port = fields.clientPort;
  draft.process_id ??= fields.processId;
  draft.session_id ??= fields.sessionId;
  draft.session_line_num ??= fields.sessionLineNum;
  draft.backend_type ??= fields.backendType;
  draft.sql_state_code ??= fields.sqlState;
}

/** Enough for any prefix with literals between its escapes; a prefix that needs more is ambiguous. */
const MAX_STEPS = 20_000;
const MAX_READINGS = 200;

export interface PrefixReading {
  /** What all readings of the text agree on; null where they differ. */
  readonly fields: PrefixFields;
  /** Whether the same text can be read with different values. */
  readonly isAmbiguous: boolean;
}

const NO_FIELDS = prefixFields({});

/**
 * Reads a prefix's text. Names may contain the literals between them, so there may be several readings; whoever chose
 * the names may want to be taken for someone else, so none of them is preferred.
 * @param variants the prefix with and without its part for sessions
 */
export function readPrefix(
  variants: readonly (readonly Part[])[],
  text: string,
): PrefixReading | null {
  const search = new Search(text);
  for (const parts of variants) search.run(parts);
  if (search.isExhausted) return { fields: NO_FIELDS, isAmbiguous: true };
  const [first, ...others] = search.readings.map(prefixFields);
  return first === undefined ? null : agreement(first, others);
}

/** What the readings agree on. */
export function agreement(first: PrefixFields, others: readonly PrefixFields[]): PrefixReading {
  const names = Object.keys(first) as (keyof PrefixFields)[];
  const differing = names.filter((name) => others.some((other) => other[name] !== first[name]));
  if (differing.length === 0) return { fields: first, isAmbiguous: false };
  const unknown = Object.fromEntries(differing.map((name) => [name, null]));
  return { fields: { ...first, ...unknown }, isAmbiguous: true };
}

class Search {
  readonly readings: PrefixValues[] = [];
  private readonly seen = new Set<string>();
  private steps = 0;

  constructor(private readonly text: string) {}

  get isExhausted(): boolean {
    return this.steps >= MAX_STEPS || this.readings.length >= MAX_READINGS;
  }

  run(parts: readonly Part[], index = 0, position = 0, values: PrefixValues = {}): void {
    if (this.isExhausted) return;
    this.steps += 1;
    const part = parts[index];
    if (part === undefined) {
      if (position === this.text.length) this.add(values);
    } else if (typeof part === "string") {
      if (this.text.startsWith(part, position)) {
        this.run(parts, index + 1, position + part.length, values);
      }
    } else {
      for (const end of this.ends(parts, index, position)) {
        const value = unpadded(this.text.slice(position, end), part.padding);
        if (!valueRule(part.letter).isValid(value)) continue;
        if ((values[part.letter] ?? value) !== value) continue;
        this.run(parts, index + 1, end, { ...values, [part.letter]: value });
      }
    }
  }

  /** Where the escape's value can end: before each occurrence of the literal that follows, or anywhere. */
  private *ends(parts: readonly Part[], index: number, position: number): Iterable<number> {
    const part = parts[index];
    if (part === undefined || typeof part === "string") return;
    const width = Math.abs(part.padding);
    const last = Math.min(
      this.text.length,
      position + Math.max(width, valueRule(part.letter).maxLength),
    );
    const next = parts[index + 1];
    if (next === undefined) {
      if (this.text.length <= last) yield this.text.length;
    } else if (typeof next === "string") {
      for (
        let end = this.text.indexOf(next, position + width);
        end >= 0 && end <= last;
        end = this.text.indexOf(next, end + 1)
      ) {
        yield end;
      }
    } else for (let end = position + width; end <= last; end++) yield end;
  }

  private add(values: PrefixValues): void {
    const key = JSON.stringify(Object.entries(values));
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.readings.push(values);
  }
}

function unpadded(text: string, padding: number): string {
  if (padding > 0) return text.replace(/^ +/, "");
  return padding < 0 ? text.replace(/ +$/, "") : text;
}
