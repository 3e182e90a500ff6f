/** Sets the lab up without bringing it up, so that the CLI is there for a preview. */
import { ensureStack } from "../../cli/lab/context";
import { withLabLock } from "../../local/lab";
import { LabPaths } from "../../local/paths";
import { setUp } from "../../local/set-up";

const paths = new LabPaths();
void withLabLock(paths, async () =>
  ensureStack(await setUp(paths, new AbortController().signal), "local"),
);
