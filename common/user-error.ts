/** An error that the person at the terminal can fix: shown without a stack trace. */
export class UserError extends Error {
  /** @param message what was wrong, the value received, the rule, and what to do. */
  constructor(message: string) {
    super(message);
    this.name = "UserError";
  }
}
