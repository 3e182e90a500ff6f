import * as fs from "node:fs";
import { httpsAnswers, serverAnswers, sshAnswers } from "../backends/probes";
import { type LabPaths } from "../paths";
import { type LabProcess } from "./process-list";
import { type LabSettings } from "./settings";

/** Whether a running part responds in its protocol within 5 s. */
export async function answers(
  part: LabProcess,
  paths: LabPaths,
  settings: LabSettings,
): Promise<boolean> {
  const address = part.address(settings);
  if (address === undefined) return false;
  const ca = () => fs.readFileSync(paths.caCertificate, "utf8");
  switch (part.name) {
    case "local Azure":
      return httpsAnswers({
        port: address.port,
        path: "/metadata/endpoints?api-version=2022-09-01",
        ca: ca(),
      });
    case "Azurite":
      return httpsAnswers({ port: address.port, path: "/", ca: ca() });
    case "PostgreSQL":
    case "PostgreSQL gateway":
      return serverAnswers(address);
    case "VM":
      return sshAnswers(address);
  }
}
