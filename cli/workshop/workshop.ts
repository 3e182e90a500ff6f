import { UserError } from "../../common/user-error";
import { waitForParts } from "../../local/azure/wait-for-parts";
import { findLab, withLabLock } from "../../local/lab";
import { LabPaths } from "../../local/paths";
import { temporaryFolder } from "../../common/temporary-folder";
import { hasResources } from "../engine/file-backend";
import { interruptible } from "../lab/interruptible";
import { isWorkshopStack, LOCAL_STACK } from "../lab/names";
import { withPartNews } from "../lab/part-news";
import { endLab, startLab } from "../lab/start-end";
import { CloudStacks } from "./cloud-stacks";
import { LocalStacks } from "./local-stacks";
import { type PlannedStack } from "./plan";
import { type Stacks } from "./stacks";
import { stackAttendees, Template } from "./template";

/**
 * How many stacks are worked on at a time. On local Azure an engine with its plugins keeps a core busy, so this is for two
 * cores. On Azure the Resource Manager takes 10 writes a second for each subscription and sign-in, beyond the first 200, and
 * an update sends several at a time at its start. Source: Azure's "Understand how Azure Resource Manager throttles requests".
 */
const PARALLEL = { local: 2, azure: 5 } as const;
const MOST_PARALLEL = 20;

/** @param text as it was typed; undefined for the default */
export function parallelOf(text: string | undefined, base: string): number {
  if (text === undefined) return base === LOCAL_STACK ? PARALLEL.local : PARALLEL.azure;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_PARALLEL) return count;
  throw new UserError(
    `--parallel is "${text}"; it takes a whole number from 1 to ${MOST_PARALLEL}.`,
  );
}

/** The stacks of the workshop that there are. */
export async function existingStacks(stacks: Stacks, base: string): Promise<PlannedStack[]> {
  const names = (await stacks.names()).filter((name) => isWorkshopStack(name, base)).sort();
  return names.map((stack) => ({ stack, attendees: stackAttendees(stack) }));
}

/** The stacks as they are; nothing is started. Undefined where no lab is set up. */
export async function findStacks(base: string): Promise<Stacks | undefined> {
  if (base !== LOCAL_STACK) return CloudStacks.open(Template.read(base));
  const lab = await findLab();
  return lab && LocalStacks.of(lab);
}

export interface Workshop {
  readonly stacks: Stacks;
  readonly signal: AbortSignal;
}

/**
 * Runs the work on the workshop's stacks: those of local Azure once that is set up and started, as by `./lab up`.
 * @param advice which command continues the work after Ctrl-C
 */
export async function withWorkshop(
  base: string,
  advice: string,
  work: (workshop: Workshop) => Promise<void>,
): Promise<void> {
  // ssh's sockets need it, after a set-up of minutes.
  temporaryFolder();
  await interruptible(advice, async (signal) => {
    if (base !== LOCAL_STACK) {
      const stacks = await CloudStacks.open(Template.read(base));
      await work({ stacks, signal });
      signal.throwIfAborted();
      return;
    }
    const paths = new LabPaths();
    await withLabLock(paths, async () => {
      const lab = await startLab(paths, signal);
      const stacks = await LocalStacks.of(lab);
      await withPartNews(paths, () => work({ stacks, signal }));
      signal.throwIfAborted();
      if ((await stacks.names()).some((name) => hasResources(paths.pulumiState, name))) {
        await waitForParts(paths, lab.settings, console.log, signal);
      } else await endLab(paths);
    });
  });
}
