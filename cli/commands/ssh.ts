import { shellQuote } from "../../common/shell-quote";
import { withVmSession } from "../access/stack";

/** `./lab ssh [COMMAND ...]`: one word is a line for the VM's shell, as with ssh; several words are quoted each. */
export async function ssh(words: readonly string[], { stack }: { stack: string }): Promise<void> {
  const command = words.length > 1 ? words.map(shellQuote).join(" ") : words[0];
  process.exitCode = await withVmSession(stack, (session) => session.interact(command));
}
