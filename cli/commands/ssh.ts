import { shellQuote } from "../../common/shell-quote";
import { withVmSession } from "../access/stack";
import { labPathsOf, withPartNews } from "../lab/part-news";

/** `./lab ssh [COMMAND ...]`. */
export async function ssh(words: readonly string[], { stack }: { stack: string }): Promise<void> {
  process.exitCode = await withVmSession(stack, (session) =>
    withPartNews(labPathsOf(stack), () => session.interact(commandLine(words))),
  );
}

/** One word is a line for the VM's shell, as with ssh itself; several words are quoted each. */
export function commandLine(words: readonly string[]): string | undefined {
  return words.length > 1 ? words.map(shellQuote).join(" ") : words[0];
}
