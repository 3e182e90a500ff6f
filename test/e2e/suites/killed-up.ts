import { processesOfBackend } from "../../../cli/engine/leftovers";
import { backendUrl } from "../../../local/engine/engine";
import { LabPaths } from "../../../local/paths";
import { pollUntil } from "../../../common/poll";
import { Background, pulumi, run, succeed } from "../lab-driver";
import { ResourceManager } from "../resource-manager";

const MINUTE = 60_000;
/** Pulumi.yaml's default for resourceGroupName. */
const GROUP = "PG-WORKSHOP";
const MACHINE = "Microsoft.Compute/virtualMachines/pg-audit-vm?api-version=2025-04-01";

/** Kills the lab's engine or one of its processes, by a part of the command line. */
function kill(text: string): void {
  const found = processesOfBackend(backendUrl(new LabPaths())).filter(({ command }) =>
    command.join(" ").includes(text),
  );
  expect(found.map(({ command }) => command.join(" "))).not.toEqual([]);
  for (const { pid } of found) process.kill(pid, "SIGKILL");
}

/**
 * Runs a command, kills the process at that moment, and returns the output.
 * @param ready what else has to be true by then
 */
export async function killed(
  command: string,
  moment: RegExp,
  text: string,
  ready: () => Promise<unknown> = () => Promise.resolve(),
): Promise<string> {
  const lab = new Background(command);
  await lab.waitFor(moment, 15 * 60);
  await ready();
  kill(text);
  const { exitCode } = await lab.child;
  expect(exitCode).not.toBe(0);
  return lab.text;
}

/** The engine prints "creating" before the provider sends the request. */
async function machineExists(): Promise<void> {
  const azure = await ResourceManager.open(GROUP);
  await pollUntil(() => azure.get(MACHINE).catch(() => false), {
    what: "the VM to exist",
    timeoutSeconds: 60,
  });
}

/** From an empty folder to an empty folder, with kills on the way. Each next command continues at once. */
export function survivesKills(): void {
  describe("a killed", () => {
    it("provider leaves a VM without a record, and the next `./lab up` adopts it", async () => {
      const moment = /VirtualMachine vm creating/;
      await killed("./lab up", moment, "provider-azure-native", machineExists);
      const printed = await succeed("./lab up", 15 * MINUTE);
      expect(printed).toMatch(/Found vm, whose creation was interrupted: .*\/pg-audit-vm/);
      expect(printed).toContain("What to do next:");
      await succeed(pulumi("up --yes --skip-preview --expect-no-changes"));
    });

    it("engine leaves its lock, and the next `./lab down` removes that and goes on", async () => {
      await killed("./lab down", /VirtualMachine vm deleting/, "pulumi destroy");
      const printed = await succeed("./lab down");
      expect(printed).toContain("Removed the lock of an engine that was killed");
      expect(printed).toContain("The lab is down");
      expect((await run("./lab ssh")).all).toContain("No lab is up");
    });
  });
}
