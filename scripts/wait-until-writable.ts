/**
 * Waits until a flexible server that was just made takes writes. `pulumi up` runs it before the first of them:
 * Azure refuses them for a moment with ServerIsBusy, which the azure-native provider takes for a failure.
 *
 *     node --import tsx scripts/wait-until-writable.ts <server resource id>
 */
import { flexibleServerFromEnvironment } from "../azure/flexible-server";
import { waitUntilWritable } from "./writable/wait-until-writable";

/** Dynamic, and there in every version: it is written as it stands. */
const PARAMETER = "client_min_messages";

async function main(serverResourceId = ""): Promise<void> {
  const { client, resourceGroupName, serverName } = await flexibleServerFromEnvironment(
    serverResourceId,
    process.env,
  );
  const { configurations } = client;
  const { value, source } = await configurations.get(resourceGroupName, serverName, PARAMETER);
  await waitUntilWritable({
    write: () =>
      configurations.beginPutAndWait(
        resourceGroupName,
        serverName,
        PARAMETER,
        { value, source },
        { updateIntervalInMs: 1000 },
      ),
    say: (line) => console.log(line),
  });
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(`wait-until-writable: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
