import * as fs from "node:fs";
import { httpsAnswers, sshAnswers, tcpAnswers } from "../backends/probes";
import { type LabPaths } from "../paths";
import { type LabProcess } from "./process-list";
import { type LabSettings, SSH_PORT } from "./settings";

/** PostgreSQL's SSLRequest: length 8, code 80877103. It needs no sign-in. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Whether a running part responds in its protocol within 5 s. */
export function answers(
  part: LabProcess["name"],
  paths: LabPaths,
  { ports, vmAddress }: LabSettings,
): Promise<boolean> {
  const ca = () => fs.readFileSync(paths.caCertificate, "utf8");
  switch (part) {
    case "local Azure":
      return httpsAnswers({
        port: ports.arm,
        path: "/metadata/endpoints?api-version=2022-09-01",
        ca: ca(),
      });
    case "Azurite":
      return httpsAnswers({ port: ports.blob, path: "/", ca: ca() });
    case "PostgreSQL":
      return tcpAnswers({
        port: ports.postgres,
        greeting: SSL_REQUEST,
        isExpected: (text) => text === "S",
      });
    case "VM":
      return sshAnswers({ host: vmAddress, port: SSH_PORT });
  }
}
