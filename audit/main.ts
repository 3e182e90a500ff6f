/**
 * `npm run audit -- [OPTION ...] [PATH ...]`: reads the audit trail; `--help` and docs/audit.md tell how.
 * npm's script lets V8 begin with its whole young generation, so that memory doesn't grow with what is read.
 */
import { UserError } from "../common/user-error";
import { EXIT, runAudit } from "./run";

const interrupt = new AbortController();
process.on("SIGINT", () => {
  // Asked twice, it ends at once.
  if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
  interrupt.abort();
});
process.on("SIGTERM", () => interrupt.abort());

runAudit(process.argv.slice(2), {
  env: process.env,
  stdout: process.stdout,
  say: (line) => console.error(line),
  signal: interrupt.signal,
})
  .then((status) => (process.exitCode = status))
  .catch((error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    if (text !== "") console.error(`audit: ${text}`);
    if (!(error instanceof UserError) && process.env.DEBUG) console.error(error);
    process.exitCode = EXIT.error;
  });
