/**
 * Restarts a flexible server if, and only if, one of its parameters waits for it; waits until the server is
 * ready and nothing is pending, and fails otherwise. `pulumi up` runs it after the static parameters.
 *
 *     node --import tsx scripts/restart-if-pending.ts <server resource id>
 */
import { flexibleServerFromEnvironment } from "../azure/flexible-server";
import { restartIfPending } from "./restart/restart-if-pending";

async function main(serverResourceId = ""): Promise<void> {
  const { client, resourceGroupName, serverName } = await flexibleServerFromEnvironment(
    serverResourceId,
    process.env,
  );
  await restartIfPending({
    async state() {
      return (await client.servers.get(resourceGroupName, serverName)).state ?? "unknown";
    },
    async pendingParameters() {
      const pending: string[] = [];
      for await (const parameter of client.configurations.listByServer(
        resourceGroupName,
        serverName,
      )) {
        if (parameter.isConfigPendingRestart) pending.push(parameter.name ?? "unnamed");
      }
      return pending;
    },
    restart: () => client.servers.beginRestartAndWait(resourceGroupName, serverName),
    say: (line) => console.log(line),
  });
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(`restart-if-pending: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
