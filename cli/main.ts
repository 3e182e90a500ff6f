/** `./lab`, started by cli/launch.js. */
import { runMain } from "../common/run-main";
import { program } from "./program";

// A reader that ends early, such as `head -1`, is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

runMain(async () => {
  await program().parseAsync();
});
