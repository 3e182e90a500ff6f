import * as fs from "node:fs";
import { httpsAnswers, serverAnswers, sshAnswers } from "../backends/probes";
import { type LabPaths } from "../paths";
import { type LabProcess } from "./process-list";
import { type LabSettings, SSH_PORT } from "./settings";

/** Whether a running part responds in its protocol within 5 s. */
export function answers(
  { name, host }: Pick<LabProcess, "name" | "host">,
  paths: LabPaths,
  { ports, vmAddress }: LabSettings,
): Promise<boolean> {
  const ca = () => fs.readFileSync(paths.caCertificate, "utf8");
  switch (name) {
    case "local Azure":
      return httpsAnswers({
        port: ports.arm,
        path: "/metadata/endpoints?api-version=2022-09-01",
        ca: ca(),
      });
    case "Azurite":
      return httpsAnswers({ port: ports.blob, path: "/", ca: ca() });
    case "PostgreSQL":
    case "PostgreSQL gateway":
      return serverAnswers({ host, port: ports.postgres });
    case "VM":
      return sshAnswers({ host: vmAddress, port: SSH_PORT });
  }
}
