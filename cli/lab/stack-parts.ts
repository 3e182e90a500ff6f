import { parseArmPath } from "../../local/arm/resource-id";
import { FLEXIBLE_SERVERS, VIRTUAL_MACHINES } from "../../local/arm/resource-type-names";
import { type PartReport } from "../../local/azure/supervision/part";
import { requireNoneStopped } from "../../local/azure/wait-for-parts";
import { machineKey } from "../../local/backends/virtual-machine/machine-key";
import { type LabPaths } from "../../local/paths";
import { resourceIds } from "../engine/file-backend";

type Instance = Pick<PartReport, "name" | "instance">;

/**
 * Refuses an update of a stack whose server or VM was stopped; those of other stacks don't matter to it.
 * @throws UserError that names it, and the command that starts it
 */
export function requireStackRuns(paths: LabPaths, stack: string): void {
  const own = resourceIds(paths.pulumiState, stack).flatMap((id) => instanceOf(id) ?? []);
  requireNoneStopped(paths, ({ name, instance }) =>
    own.some((part) => part.name === name && part.instance === instance),
  );
}

/** The server or VM that a resource is, or belongs to, as the parameters of a server that the stack doesn't own. */
function instanceOf(id: string): Instance | undefined {
  const { type = "", resourceGroupName = "", names: [name = ""] = [] } = parseArmPath(id) ?? {};
  const is = (other: string) => `${type}/`.toLowerCase().startsWith(`${other}/`.toLowerCase());
  if (is(FLEXIBLE_SERVERS)) return { name: "PostgreSQL", instance: name.toLowerCase() };
  if (is(VIRTUAL_MACHINES)) return { name: "VM", instance: machineKey(resourceGroupName, name) };
  return undefined;
}
