/** `npm run psql -- [--stack NAME] [PSQL ARGUMENT ...]`: psql on the VM, as the server's administrator. */
import { Command } from "commander";
import { interactivePsql } from "./access/psql";
import { readStackOutputs } from "./access/stack-outputs";
import { VmSession } from "./access/vm-session";

async function main(): Promise<void> {
  const program = new Command("npm run psql --")
    .description("Opens psql on the stack's VM: a private server is reached from nowhere else.")
    .option("-s, --stack <name>", "the stack (default: the one that is selected)")
    .argument("[arguments...]", "further arguments of psql, like -c 'SELECT 1'")
    .allowUnknownOption()
    .passThroughOptions()
    .parse();
  const outputs = await readStackOutputs(program.opts<{ stack?: string }>());
  const session = new VmSession(outputs);
  try {
    process.exitCode = await interactivePsql(session, outputs, program.args);
  } finally {
    await session.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
