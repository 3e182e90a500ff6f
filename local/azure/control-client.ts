import * as fs from "node:fs";
import * as https from "node:https";
import { parseJson } from "../../common/json";
import { LOOPBACK } from "../../common/ports";
import { UserError } from "../../common/user-error";
import { type LabPaths } from "../paths";
import { type LabSettings, readClientSecret } from "./settings";

/** Calls a route below /local-azure with the lab's client secret; returns the response's body. @throws UserError with its message */
export async function callControl(
  paths: LabPaths,
  settings: LabSettings,
  method: string,
  route: string,
): Promise<string> {
  const send = request(settings.ports.arm, fs.readFileSync(paths.caCertificate, "utf8"));
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: settings.clientId,
    client_secret: readClientSecret(paths),
    scope: `https://${LOOPBACK}:${settings.ports.arm}/.default`,
  });
  const token = await send("POST", `/${settings.tenantId}/oauth2/v2.0/token`, form.toString(), {
    "Content-Type": "application/x-www-form-urlencoded",
  });
  const { access_token } = JSON.parse(token) as { access_token: string };
  return send(method, `/local-azure/${route}`, undefined, {
    Authorization: `Bearer ${access_token}`,
  });
}

/** fetch reads NODE_EXTRA_CA_CERTS only at the start of the process, and the lab's authority may be newer. */
const request =
  (port: number, ca: string) =>
  (
    method: string,
    path: string,
    body: string | undefined,
    headers: Record<string, string>,
  ): Promise<string> =>
    new Promise((resolve, reject) => {
      const call = https.request({ host: LOOPBACK, port, ca, method, path, headers }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        answer.on("end", () => {
          if ((answer.statusCode ?? 500) < 300) resolve(text);
          else
            reject(
              new UserError(
                `Local Azure responded to ${method} ${path} with ${answer.statusCode}: ${messageOf(text)}`,
              ),
            );
        });
      });
      call.on("error", reject).end(body);
    });

/** The message in an error's body; else the whole body. */
function messageOf(text: string): string {
  const body = parseJson(text) as { error?: { message?: string } } | undefined;
  return body?.error?.message ?? text;
}
