import * as fs from "node:fs";
import * as https from "node:https";
import * as net from "node:net";
import { LOOPBACK } from "../../common/ports";
import { type LabPaths } from "../paths";
import { type LabProcess } from "./process-list";
import { type LabSettings, SSH_PORT } from "./settings";

const TIMEOUT_MILLISECONDS = 5000;

/** PostgreSQL's SSLRequest: length 8, code 80877103. It needs no sign-in and writes no line to the server's log. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Whether a running part responds in its protocol within 5 s. */
export function answers(
  part: LabProcess["name"],
  paths: LabPaths,
  { ports, vmAddress }: LabSettings,
): Promise<boolean> {
  switch (part) {
    case "local Azure":
      return httpAnswers(paths, ports.arm, "/metadata/endpoints?api-version=2022-09-01");
    case "Azurite":
      return httpAnswers(paths, ports.blob, "/");
    case "PostgreSQL":
      return tcpAnswers(LOOPBACK, ports.postgres, SSL_REQUEST, (text) => text === "S");
    case "VM":
      return tcpAnswers(vmAddress, SSH_PORT, undefined, (text) => text.startsWith("SSH-"));
  }
}

/** Every response counts: Azurite refuses an anonymous request. */
function httpAnswers(paths: LabPaths, port: number, path: string): Promise<boolean> {
  const ca = fs.readFileSync(paths.caCertificate);
  return new Promise((resolve) => {
    const call = https.get(
      { host: LOOPBACK, port, path, ca, timeout: TIMEOUT_MILLISECONDS },
      (answer) => {
        answer.resume();
        resolve(true);
      },
    );
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(false));
    call.on("close", () => resolve(false));
  });
}

function tcpAnswers(
  host: string,
  port: number,
  greeting: Buffer | undefined,
  isExpected: (text: string) => boolean,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port });
    const end = (healthy: boolean) => {
      socket.destroy();
      resolve(healthy);
    };
    socket.setTimeout(TIMEOUT_MILLISECONDS, () => end(false));
    if (greeting) socket.once("connect", () => socket.write(greeting));
    socket.once("data", (data) => end(isExpected(data.toString("latin1"))));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
  });
}
