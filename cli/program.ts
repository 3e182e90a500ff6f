import { Argument, Command, Option } from "commander";
import { AZURE_NATIVE_KINDS } from "../local/engine/plugins";
import { SHELLS } from "./commands/completion";
import type { ConformanceOptions } from "./commands/conformance";
import type { WorkshopOptions, WorkshopUpOptions } from "./commands/workshop";
import { LOCAL_STACK, PART_NAMES } from "./lab/names";

/** Programs that take all that follows the command's own options. */
const passThrough = (command: Command): Command =>
  command.allowUnknownOption().passThroughOptions();

const stackOption = () =>
  new Option(
    "--stack <name>",
    "the Pulumi stack; another one than local needs `pulumi` on PATH and a login",
  ).default(LOCAL_STACK);

const parallelOption = () =>
  new Option(
    "--parallel <count>",
    "how many stacks are worked on at a time (default: 2 on local Azure, 5 on Azure)",
  );

const baseOption = () =>
  new Option("--stack <name>", "the stack with the workshop's configuration").default(LOCAL_STACK);

function workshopCommands(workshop: Command): void {
  workshop.description("labs for the attendees of a workshop: a stack for each, or one for all");
  workshop
    .command("up")
    .description("bring them up; a later run continues, adds names and changes nothing else")
    .option(
      "--attendees <names>",
      "a number, names with commas between them, or @FILE with a name a line (default: those that there are)",
    )
    .option("--shared", "one lab with a database user for each attendee", false)
    .addOption(baseOption())
    .addOption(parallelOption())
    .option("--csv <file>", "the file with each attendee's commands and passwords")
    .option("--yes", "don't ask before anything is created on Azure", false)
    .action(async (options: WorkshopUpOptions) =>
      (await import("./commands/workshop")).workshopUp(options),
    );
  workshop
    .command("status")
    .description("list the workshop's stacks")
    .addOption(baseOption())
    .action(async (options: { stack: string }) =>
      (await import("./commands/workshop")).workshopStatus(options),
    );
  workshop
    .command("down")
    .description("destroy them all, and remove the files with their passwords and keys")
    .addOption(baseOption())
    .addOption(parallelOption())
    .option("--yes", "don't ask before anything is destroyed on Azure", false)
    .action(async (options: WorkshopOptions) =>
      (await import("./commands/workshop")).workshopDown(options),
    );
}

/** The command line of `./lab`. Each command's code is loaded when the command runs. */
export function program(): Command {
  const lab = new Command("./lab")
    .description("The PostgreSQL audit lab: on this machine, or on a stack on Azure.")
    .enablePositionalOptions()
    .helpCommand(false)
    .showHelpAfterError("Try: ./lab --help")
    .addHelpText(
      "after",
      "\nStart here: ./lab up, then ./lab psql and, in another terminal, ./lab audit --follow",
    );

  lab.optionsGroup("Options:").commandsGroup("The lab on this machine:");
  passThrough(lab.command("up"))
    .description("bring the lab up, run two audited statements and show their records")
    .option("--raw", "show the records as Azure writes them, not decoded", false)
    .argument("[arguments...]", "further arguments of `pulumi up`")
    .action(async (args: string[], options: { raw: boolean }) =>
      (await import("./commands/up")).up(args, options),
    );
  lab
    .command("down")
    .description("destroy the lab and stop local Azure; downloads and builds stay")
    .option("--force", "without `pulumi destroy`, for a lab whose state is damaged", false)
    .action(async (options: { force: boolean }) => (await import("./commands/down")).down(options));
  lab
    .command("reset")
    .description("remove the lab as it is, without `pulumi destroy`, and bring up a new one")
    .option("--builds", "also remove downloads and builds: the next start takes minutes", false)
    .action(async (options: { builds: boolean }) =>
      (await import("./commands/reset")).reset(options),
    );
  lab
    .command("restart")
    .description("restart one part of local Azure")
    .addArgument(new Argument("<part>", "the part").choices(PART_NAMES))
    .argument("[name]", "the server's or VM's name, where there are several")
    .action(async (part: (typeof PART_NAMES)[number], name: string | undefined) =>
      (await import("./commands/restart")).restart(part, name),
    );
  lab
    .command("pass-days")
    .description("put the storage's clock forward: immutable blobs expire, old ones are deleted")
    .argument("<days>", "how many days")
    .action(async (days: string) => (await import("./commands/pass-days")).passDays(days));
  lab
    .command("logs")
    .description("show the logs of local Azure's parts")
    .addArgument(new Argument("[part]", "one part only").choices(PART_NAMES))
    .option("-f, --follow", "go on with new lines until Ctrl-C", false)
    .option("-n, --lines <count>", "how many of the last lines of each file", "20")
    .action(
      async (
        part: (typeof PART_NAMES)[number] | undefined,
        options: { follow: boolean; lines: string },
      ) => (await import("./commands/logs")).logs(part, options),
    );
  lab
    .command("env")
    .description('for plain `pulumi` on the lab: eval "$(./lab env)"')
    .option("--unset", 'undo it: eval "$(./lab env --unset)"', false)
    .addOption(new Option("--azure-native <kind>", "the plugin to use").choices(AZURE_NATIVE_KINDS))
    .action(async (options: { unset: boolean; azureNative?: "stand-in" | "real" }) =>
      (await import("./commands/env")).env(options),
    );

  lab.commandsGroup("Any stack:");
  lab
    .command("status")
    .description("show what runs, whether it is healthy, and how to connect")
    .addOption(stackOption())
    .option("--json", "for programs", false)
    .action(async (options: { stack: string; json: boolean }) =>
      (await import("./commands/status")).status(options),
    );
  passThrough(lab.command("ssh"))
    .description("open a shell on the VM, or run a command there")
    .addOption(stackOption())
    .argument(
      "[command...]",
      "one word is a line for the VM's shell; several are passed as they are",
    )
    .action(async (words: string[], options: { stack: string }) =>
      (await import("./commands/ssh")).ssh(words, options),
    );
  passThrough(lab.command("psql"))
    .description("open psql on the VM, as the server's administrator unless -U says otherwise")
    .addOption(stackOption())
    .option("--as <attendee>", "one of the stack's attendees, without a password")
    .argument("[arguments...]", "psql's own arguments, such as -c 'SELECT 1' or -U alice postgres")
    .action(async (args: string[], options: { stack: string; as?: string }) =>
      (await import("./commands/psql")).psql(args, options),
    );
  passThrough(lab.command("audit"))
    .description("read the audit trail: of a stack, a storage account, files or stdin")
    .helpOption(false)
    .argument("[arguments...]", "options of the reader: ./lab audit --help")
    .action(async (args: string[]) => (await import("./commands/audit")).audit(args));

  lab
    .command("settle")
    .description("after an interrupted update: bring the stack's state in line with the cloud")
    .addOption(stackOption())
    .action(async (options: { stack: string }) =>
      (await import("./commands/settle")).settle(options),
    );

  lab.commandsGroup("Workshops:");
  workshopCommands(lab.command("workshop"));

  lab.commandsGroup("Other:");
  lab
    .command("conformance")
    .description(
      "check on a subscription what local Azure claims of Azure; writes conformance/<date>.md",
    )
    .requiredOption(
      "--subscription <id>",
      "the subscription; signs in by the ARM_* variables or `az login`",
    )
    .requiredOption("--location <name>", "Azure's location, such as westeurope")
    .option("--by <name>", "who checks it, for the report (default: git's user.name)")
    .option("--output <file>", "the report's file")
    .option("--yes", "don't ask before anything is created", false)
    .addHelpText("after", "\nThe exit code is 2 if a claim isn't confirmed.")
    .action(async (options: ConformanceOptions) =>
      (await import("./commands/conformance")).conformance(options),
    );
  lab
    .command("completion")
    .description('command completion for a shell: eval "$(./lab completion bash)"')
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { completion } = await import("./commands/completion");
      console.log(completion(shell, program()));
    });
  return lab;
}
