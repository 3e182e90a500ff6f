import * as readline from "node:readline/promises";
import { UserError } from "../../common/user-error";

/**
 * Asks whether to continue.
 * @param refused what to say where the answer isn't yes
 * @throws UserError for another answer, and where nobody can be asked
 */
export async function confirm(refused: string): Promise<void> {
  if (!process.stdin.isTTY) throw new UserError("Nobody can be asked here: confirm with --yes.");
  const terminal = readline.createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Continue? [y/N] ");
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new UserError(refused);
}
