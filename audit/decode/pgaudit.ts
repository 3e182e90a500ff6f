import { endOfField, fieldValue, splitCsv } from "./csv";
import { type Draft, ownText } from "./draft";

/** Class, command, object type and object name: the same combinations recur. */
interface Subject {
  readonly class: string | null;
  readonly command: string | null;
  readonly objectType: string | null;
  readonly objectName: string | null;
}

const SUBJECT_FIELDS = ["class", "command", "object type", "object name"] as const;
const MAX_SUBJECTS = 4096;

/** What pgAudit writes instead of a statement or of parameters. Source: pgAudit's README and pgaudit.c. */
const NOT_LOGGED = "<not logged>";
const PREVIOUSLY_LOGGED = "<previously logged>";
const NO_PARAMETERS = "<none>";
const NO_VALUES: readonly string[] = Object.freeze([]);

/**
 * Reads pgAudit's fields: audit type, statement id, substatement id, class, command, object type, object name,
 * statement, parameters and, with pgaudit.log_rows, rows. Source: pgAudit's README, "Format"; pgaudit.c, log_audit_event.
 *
 * pgAudit writes a parameter with the text `<none>` or `<not logged>` like its own marks, and NULL like an empty text.
 */
export class PgAuditReader {
  private readonly subjects = new Map<string, Subject>();
  private position = 0;

  /**
   * @param start where the audit type begins
   * @returns what is wrong with the line, or undefined
   */
  read(text: string, start: number, draft: Draft): string | undefined {
    const typeEnd = text.indexOf(",", start);
    if (typeEnd < 0) return cutOff("audit type");
    draft.audit_type = text[start] === "S" ? "SESSION" : "OBJECT";
    this.position = typeEnd + 1;
    draft.statement_id = this.integer(text);
    draft.substatement_id = this.integer(text);
    if (draft.statement_id === null || draft.substatement_id === null) {
      return `pgAudit's statement ids aren't two numbers, at character ${this.position} of the message`;
    }
    const subject = this.subject(text);
    if (typeof subject === "string") return subject;
    draft.class = subject.class;
    draft.command = subject.command;
    draft.object_type = subject.objectType;
    draft.object_name = subject.objectName;
    return this.statement(text, draft) ?? this.parameters(text, draft) ?? this.rows(text, draft);
  }

  /** Digits up to a comma; null for anything else. */
  private integer(text: string): number | null {
    const end = text.indexOf(",", this.position);
    const value = digits(text, this.position, end);
    if (value !== null) this.position = end + 1;
    return value;
  }

  private subject(text: string): Subject | string {
    const start = this.position;
    let end = start;
    for (let field = 0; field < SUBJECT_FIELDS.length; field++) {
      const fieldEnd = endOfField(text, end);
      if (fieldEnd < 0) return notClosed(SUBJECT_FIELDS[field] ?? "", end);
      if (fieldEnd === text.length) return cutOff(SUBJECT_FIELDS[field] ?? "");
      end = fieldEnd + 1;
    }
    this.position = end;
    const key = text.slice(start, end);
    let subject = this.subjects.get(key);
    if (subject === undefined) {
      if (this.subjects.size >= MAX_SUBJECTS) this.subjects.clear();
      const own = ownText(key);
      const fields = splitCsv(own.slice(0, -1));
      if (typeof fields === "number") return strayQuote("class, command or object", start);
      const [auditClass, command, objectType, objectName] = fields;
      subject = {
        class: auditClass || null,
        command: command || null,
        objectType: objectType || null,
        objectName: objectName || null,
      };
      this.subjects.set(own, subject);
    }
    return subject;
  }

  private statement(text: string, draft: Draft): string | undefined {
    const start = this.position;
    const end = endOfField(text, start);
    if (end < 0) return notClosed("statement", start);
    if (end === text.length) return cutOff("statement");
    const value = fieldValue(text, start, end);
    if (value === null) return strayQuote("statement", start);
    if (value === NOT_LOGGED) draft.statement_omitted = "not logged";
    else if (value === PREVIOUSLY_LOGGED) draft.statement_omitted = "previously logged";
    else draft.statement = value;
    this.position = end + 1;
    return undefined;
  }

  private parameters(text: string, draft: Draft): string | undefined {
    const start = this.position;
    const end = endOfField(text, start);
    if (end < 0) return notClosed("parameters", start);
    const value = fieldValue(text, start, end);
    if (value === null) return strayQuote("parameters", start);
    if (value === NO_PARAMETERS) draft.parameters = NO_VALUES;
    else if (value !== NOT_LOGGED && value !== PREVIOUSLY_LOGGED) {
      const values = splitCsv(value);
      if (typeof values === "number") return strayQuote("parameters", start);
      draft.parameters = values;
    }
    this.position = end + 1;
    return undefined;
  }

  private rows(text: string, draft: Draft): string | undefined {
    if (this.position > text.length) return undefined;
    const negative = text.startsWith("-", this.position);
    const value = digits(text, this.position + (negative ? 1 : 0), text.length);
    if (value === null) {
      return `pgAudit's tenth field, the rows, isn't a number, at character ${this.position} of the message`;
    }
    draft.rows = negative ? -value : value;
    return undefined;
  }
}

/** The number from start to end; null if there is anything but digits. */
function digits(text: string, start: number, end: number): number | null {
  if (end <= start) return null;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  return value;
}

const cutOff = (field: string): string =>
  `pgAudit's line ends with its ${field}, before the parameters: it was cut off`;
const notClosed = (field: string, start: number): string =>
  `pgAudit's quoted ${field}, from character ${start} of the message, isn't closed, or continues after its closing quote`;
const strayQuote = (field: string, start: number): string =>
  `pgAudit's ${field}, from character ${start} of the message, contains a quote that pgAudit would have doubled`;
