/** Sets the lab up without bringing it up, so that the CLI is there for a preview. */
import { withLabLock } from "../../cli/lab/context";
import { setUp } from "../../cli/lab/set-up";
import { LabPaths } from "../../local/paths";

const paths = new LabPaths();
void withLabLock(paths, () => setUp(paths, new AbortController().signal));
