import { type LabPaths } from "../../../paths";
import { ServerRecords } from "../server-record";
import { isServerProcess } from "../survivors";
import { Cluster } from "../cluster";
import { Gateway } from "./gateway";

/** The gateway to the servers of a lab; not started. */
export function gatewayOf(
  paths: LabPaths,
  port: number,
  notify: (line: string) => void = () => undefined,
): Gateway {
  const records = new ServerRecords(paths.postgres);
  const servers = () =>
    [...records.states()].map(([name, { address }]) => ({
      name,
      address,
      hasProcess: (pid: number) => isServerProcess(Cluster.dataFolder(records.folderOf(name)), pid),
    }));
  return new Gateway({ port, servers, notify });
}

/** Runs the gateway in this process, until that is ended. */
export async function serveGateway(paths: LabPaths, port: number): Promise<void> {
  const gateway = gatewayOf(paths, port, (line) =>
    console.log(`${new Date().toISOString()} ${line}`),
  );
  await gateway.start();
  process.once("SIGTERM", () => process.exit());
}
