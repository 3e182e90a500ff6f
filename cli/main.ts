/** `./lab`, started by cli/launch.js. */
import { runMain } from "../common/run-main";
import { endAtClosedPipe } from "./closed-pipe";
import { program } from "./program";

process.stdout.on("error", endAtClosedPipe);

runMain(async () => {
  await program().parseAsync();
});
