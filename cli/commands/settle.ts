import { PROJECT_ROOT } from "../../local/paths";
import { withLabLock } from "../../local/lab";
import { requireRunningLab } from "../lab/context";
import { isLocalStack } from "../lab/names";
import { prepareStack } from "../lab/prepare-stack";
import { settle as settleStack } from "../settle/settle";

/** `./lab settle`: after an interrupted update, brings a stack's state in line with the cloud. Changes nothing in the cloud. */
export async function settle({ stack }: { readonly stack: string }): Promise<void> {
  if (isLocalStack(stack)) {
    const lab = await requireRunningLab();
    await withLabLock(lab.paths, () => prepareStack(lab, { stack, always: true }));
    return;
  }
  const { env } = process;
  await settleStack({
    ...{ stack, env, cwd: PROJECT_ROOT, notify: console.log },
    // Local Azure's subscription belongs to the lab.
    ownsSubscription: /^(127\.|localhost)/.test(env.ARM_METADATA_HOSTNAME ?? ""),
  });
  console.log("The state is settled: the next update or `destroy` continues from there.");
}
