/**
 * Writes what `pulumi up` would change to the run's summary, for those who approve it, and the number of changes to the step's
 * output `changes`. `up.yml` runs it before it asks for an approval.
 *
 *     node --import tsx scripts/preview-changes.ts <stack> [--refresh] [--policy-pack <folder>]
 */
import { parseArgs } from "node:util";
import { runMain } from "../common/run-main";
import { UserError } from "../common/user-error";
import { changesTable } from "./github/changes-table";
import { previewChanges } from "./github/preview";
import { addToSummary, setOutput } from "./github/run";

runMain(async () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { refresh: { type: "boolean", default: false }, "policy-pack": { type: "string" } },
  });
  const [stack, ...rest] = positionals;
  if (!stack || rest.length > 0) {
    throw new UserError("usage: preview-changes.ts <stack> [--refresh] [--policy-pack <folder>]");
  }
  const { refresh, "policy-pack": policyPack } = values;
  const changes = await previewChanges({ stack, refresh, policyPack });
  addToSummary(
    changes.length === 0
      ? `\`pulumi up\` of \`${stack}\` would change nothing.`
      : `\`pulumi up\` of \`${stack}\` would do this:\n\n${changesTable(changes)}`,
    process.env,
  );
  setOutput("changes", `${changes.length}`, process.env);
}, "preview-changes");
