/**
 * Finds what was changed on Azure outside Pulumi, and changes nothing. `drift.yml` runs it each day.
 *
 *     node --import tsx scripts/check-drift.ts <stack> [--issue]
 *
 * With `--issue`, one open GitHub issue says so while there is drift.
 */
import { runMain } from "../common/run-main";
import { UserError } from "../common/user-error";
import { changesTable } from "./github/changes-table";
import { driftOf } from "./github/drift";
import { updateDriftIssue } from "./github/drift-issue";
import { type Change, previewChanges } from "./github/preview";
import { addToSummary, runUrl } from "./github/run";

runMain(async () => {
  const [stack, flag, ...rest] = process.argv.slice(2);
  if (!stack || (flag !== undefined && flag !== "--issue") || rest.length > 0) {
    throw new UserError("usage: check-drift.ts <stack> [--issue]");
  }
  const againstCloud = await previewChanges({ stack, refresh: true });
  // Whatever the state already differs in from the program isn't drift.
  const againstState =
    againstCloud.length === 0 ? [] : await previewChanges({ stack, refresh: false });
  const drift = driftOf(againstCloud, againstState);
  addToSummary(summary(stack, drift, againstState), process.env);
  if (flag) console.log(await updateDriftIssue({ stack, drift, runUrl: runUrl(process.env) }));
}, "check-drift");

function summary(stack: string, drift: readonly Change[], pending: readonly Change[]): string {
  const found =
    drift.length === 0
      ? `Nothing of \`${stack}\` was changed outside Pulumi.`
      : `\`${stack}\` was changed outside Pulumi; \`pulumi up --refresh\` would change it back:\n\n${changesTable(drift)}`;
  return pending.length === 0
    ? found
    : `${found}\n\nNot drift, but not yet applied changes of the program:\n\n${changesTable(pending)}`;
}
