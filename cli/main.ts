/** The lab on one machine: `npm run lab`, `lab:down`, `lab:status`, `lab:ssh`, `lab:psql`, `lab:audit`, `lab:env`. */
import { Command, Option } from "commander";
import { env, psql, ssh } from "./commands/access";
import { audit } from "./commands/audit";
import { down } from "./commands/down";
import { status } from "./commands/status";
import { up } from "./commands/up";
import { UserError } from "../common/user-error";
import { AZURE_NATIVE_KINDS } from "../local/engine/azure-native";

function program(): Command {
  const lab = new Command("lab").description("The PostgreSQL audit lab on local Azure.");
  lab.enablePositionalOptions();
  lab
    .command("up")
    .description("set up what is missing, bring the lab up, run audited SQL and show its lines")
    .argument("[arguments...]", "further arguments of `pulumi up`")
    .allowUnknownOption()
    .passThroughOptions()
    .action(up);
  lab
    .command("down")
    .description("destroy the lab and stop local Azure")
    .option("--force", "without `pulumi destroy`, for a lab whose state is damaged", false)
    .action(down);
  lab
    .command("status")
    .description("show what runs, where, and which parts are stand-ins")
    .option("--json", "for programs", false)
    .action(status);
  lab
    .command("ssh")
    .description("open a shell on the VM, or run a command there")
    .argument("[command...]")
    .allowUnknownOption()
    .passThroughOptions()
    .action(ssh);
  lab
    .command("psql")
    .description("open psql on the VM as the server's administrator")
    .argument("[arguments...]", "further arguments of psql")
    .allowUnknownOption()
    .passThroughOptions()
    .action(psql);
  lab
    .command("audit")
    .description("read the lab's audit trail")
    .argument("[arguments...]", "options of the reader; --help lists them")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(audit);
  lab
    .command("env")
    .description("print the exports with which plain `pulumi` works on the lab")
    .addOption(new Option("--azure-native <kind>", "the plugin to use").choices(AZURE_NATIVE_KINDS))
    .action(env);
  return lab;
}

program()
  .parseAsync()
  .catch((error: unknown) => {
    const known = error instanceof UserError;
    console.error(known ? error.message : error);
    process.exitCode = 1;
  });
