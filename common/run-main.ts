import * as util from "node:util";
import { terminalLines } from "./terminal-text";

/**
 * Runs a program's main function. An error is printed as its message, with the stack where DEBUG is set, and the exit
 * code is 1; a process that has set another exit code keeps it. Control characters in the message are printed as
 * escapes, because it may contain names and text that others chose, and long lines are cut: Pulumi's command plugin, which
 * runs some programs, waits for ever with a line of 64 KiB.
 * @param name starts the message: `restart-if-pending: the server is Stopped`
 */
export function runMain(main: () => Promise<void>, name?: string): void {
  main().catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    console.error(cutLines(terminalLines(name === undefined ? message : `${name}: ${message}`)));
    if (process.env.DEBUG) console.error(cutLines(terminalLines(util.inspect(error))));
    process.exitCode ||= 1;
  });
}

const cutLines = (text: string): string =>
  text.replace(/^(.{4000}).+$/gmu, "$1 [the rest of this line was cut]");
