/** `npm run ssh -- [--stack NAME] [COMMAND ...]`: a shell, or one command, on the stack's VM. */
import { Command } from "commander";
import { shellQuote } from "./access/shell";
import { readStackOutputs } from "./access/stack-outputs";
import { VmSession } from "./access/vm-session";

async function main(): Promise<void> {
  const program = new Command("npm run ssh --")
    .description("Signs in to the stack's VM, pinned to its host key.")
    .option("-s, --stack <name>", "the stack (default: the one that is selected)")
    .argument("[command...]", "run this there instead of a shell")
    .passThroughOptions()
    .parse();
  const session = new VmSession(await readStackOutputs(program.opts<{ stack?: string }>()));
  try {
    const command = program.args.length > 0 ? program.args.map(shellQuote).join(" ") : undefined;
    process.exitCode = await session.interact(command);
  } finally {
    await session.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
