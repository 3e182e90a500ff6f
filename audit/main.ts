/** `pg-audit [OPTION ...] PATH ...`: the reader as a program of its own, without stacks; docs/audit.md describes it. */
import { runMain } from "../common/run-main";
import { standardOutput } from "./output/standard-output";
import { interruptSignal, runAudit } from "./run";

runMain(async () => {
  process.exitCode = await runAudit(process.argv.slice(2), {
    program: "pg-audit",
    env: process.env,
    stdout: standardOutput(),
    notify: (line) => console.error(line),
    signal: interruptSignal(),
  });
}, "audit");
