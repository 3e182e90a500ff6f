import type { LogRecord } from "../record";

/**
 * Follows pgAudit's ids through a session. An entry has the statement id of the one before, and a substatement id that is
 * at most one more than the highest; or the next statement id, and the substatement id 1. The first entry has 1 and 1.
 * Source: pgAudit, pgaudit.c, log_audit_event: the ids count what is logged; stack_free resets substatementTotal.
 */
export class StatementIds {
  private statement = 0;
  private highest = 0;
  /** An entry that didn't follow; if the next one follows it, the session continues from there. */
  private stray: { readonly statement: number; readonly substatement: number } | undefined;

  /**
   * @param mayHaveGap whether entries may be missing between the last one and this one
   * @returns why the entry's ids don't follow those before; undefined if they do
   */
  add(
    { statement_id: statement, substatement_id: substatement }: LogRecord,
    mayHaveGap: boolean,
  ): string | undefined {
    if (statement === null || substatement === null) return undefined;
    if (this.follows(statement, substatement) || (mayHaveGap && statement >= this.statement)) {
      this.highest =
        statement === this.statement ? Math.max(this.highest, substatement) : substatement;
      this.statement = statement;
      this.stray = undefined;
      return undefined;
    }
    const { stray } = this;
    if (stray && isNext(stray.statement, stray.substatement, statement, substatement)) {
      this.statement = statement;
      this.highest = substatement;
      this.stray = undefined;
      return undefined;
    }
    this.stray = { statement, substatement };
    const before =
      this.statement === 0
        ? "in the session's first entry"
        : `after ${this.statement},${this.highest}`;
    const what = `statement id ${statement},${substatement} ${before}`;
    return statement < this.statement
      ? `${what}: RAISE LOG imitated an entry of pgAudit's`
      : `${what}, but no line between them is missing: RAISE LOG imitated an entry of pgAudit's, or pgAudit's level was below log_min_messages (pgaudit.log_client, pgaudit.log_level)`;
  }

  private follows(statement: number, substatement: number): boolean {
    return isNext(this.statement, this.highest, statement, substatement);
  }
}

function isNext(last: number, highest: number, statement: number, substatement: number): boolean {
  return statement === last
    ? substatement >= 1 && substatement <= highest + 1
    : statement === last + 1 && substatement === 1;
}
