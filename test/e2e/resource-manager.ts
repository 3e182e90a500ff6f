import * as fs from "node:fs";
import * as https from "node:https";
import { type LabStatus } from "../../cli/lab/lab-status";
import { pollUntil } from "../../common/poll";
import { output, run } from "./lab-driver";

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly operation?: string;
}

interface SecurityGroup {
  readonly name: string;
  readonly location: string;
  readonly properties: {
    readonly securityRules: readonly {
      readonly name: string;
      readonly properties: Readonly<Record<string, unknown>>;
    }[];
  };
}

/** Changes the lab's resources by its Resource Manager and not by Pulumi, as a person does with the az CLI. */
export class ResourceManager {
  private constructor(
    private readonly endpoint: string,
    private readonly ca: string,
    private readonly token: string,
    private readonly group: string,
  ) {}

  /** @param groupName undefined: the lab's resource group */
  static async open(groupName?: string): Promise<ResourceManager> {
    const { resourceManager } = JSON.parse((await run("./lab status --json")).stdout) as LabStatus;
    if (!resourceManager) throw new Error("the lab isn't set up");
    const { endpoint, tokenEndpoint, clientId, subscriptionId } = resourceManager;
    const ca = fs.readFileSync(resourceManager.caCertificate, "utf8");
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: fs.readFileSync(resourceManager.clientSecretFile, "utf8").trim(),
      scope: `${endpoint}/.default`,
    });
    const { text } = await send(ca, "POST", tokenEndpoint, form.toString(), {
      "Content-Type": "application/x-www-form-urlencoded",
    });
    const { access_token } = JSON.parse(text) as { access_token: string };
    const name = groupName ?? (await output("resourceGroupName"));
    const group = `/subscriptions/${subscriptionId}/resourceGroups/${name}`;
    return new ResourceManager(endpoint, ca, access_token, group);
  }

  /** Creates the group, or does nothing if it exists. */
  async createGroup(location: string): Promise<void> {
    const url = `${this.endpoint}${this.group}?api-version=2024-03-01`;
    const { status, text } = await this.send("PUT", url, { location });
    if (status >= 300) throw new Error(`PUT ${this.group}: ${status} ${text}`);
  }

  /** @param resource as for `call` */
  async get(resource: string): Promise<unknown> {
    const { status, text } = await this.send(
      "GET",
      `${this.endpoint}${this.group}/providers/${resource}`,
    );
    if (status >= 300) throw new Error(`GET ${resource}: ${status} ${text}`);
    return JSON.parse(text);
  }

  /** The id of a resource of the group. @param resource without an api-version */
  id(resource: string): string {
    return `${this.group}/providers/${resource}`;
  }

  /**
   * Repeats it while a new server is busy.
   * @param resource below the lab's group, from `Microsoft.` on, with the api-version
   */
  async call(method: string, resource: string, body?: object): Promise<void> {
    const url = `${this.endpoint}${this.group}/providers/${resource}`;
    const { status, text, operation } = await pollUntil(
      async () => {
        const answer = await this.send(method, url, body);
        return answer.status === 409 && /ServerIsBusy/.test(answer.text) ? false : answer;
      },
      { what: `${method} ${resource} to be accepted`, timeoutSeconds: 60 },
    );
    if (status >= 300) throw new Error(`${method} ${resource}: ${status} ${text}`);
    if (operation === undefined) return;
    await pollUntil(
      async () => {
        const poll = JSON.parse((await this.send("GET", operation)).text) as { status: string };
        if (poll.status === "Failed") throw new Error(JSON.stringify(poll));
        return poll.status === "Succeeded";
      },
      { what: `${method} ${resource}`, timeoutSeconds: 180 },
    );
  }

  /** Changes the lab's network security group, as a person does in the portal. */
  async openSshToEveryone(): Promise<void> {
    const groups = "Microsoft.Network/networkSecurityGroups";
    const version = "api-version=2024-05-01";
    const url = `${this.endpoint}${this.group}/providers/${groups}?${version}`;
    const [group] = (JSON.parse((await this.send("GET", url)).text) as { value: SecurityGroup[] })
      .value;
    if (!group) throw new Error("the lab has no network security group");
    const { location, properties } = group;
    const securityRules = properties.securityRules.map(({ name, properties: rule }) => {
      const { sourceAddressPrefixes: _, provisioningState: __, ...others } = rule;
      return { name, properties: { ...others, sourceAddressPrefix: "*" } };
    });
    await this.call("PUT", `${groups}/${group.name}?${version}`, {
      location,
      properties: { securityRules },
    });
  }

  /** Arms a fault of local Azure. @param fault as in docs/faults.md */
  async armFault(fault: object): Promise<void> {
    const { status, text } = await this.send("POST", `${this.endpoint}/local-azure/faults`, [
      fault,
    ]);
    if (status !== 201) throw new Error(`arming the fault: ${status} ${text}`);
  }

  private send(method: string, url: string, body?: object): Promise<Answer> {
    return send(this.ca, method, url, body && JSON.stringify(body), {
      Authorization: `Bearer ${this.token}`,
      "Content-Type": "application/json",
    });
  }
}

function send(
  ca: string,
  method: string,
  url: string,
  body: string | undefined,
  headers: Record<string, string>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = https.request(url, { ca, method, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => {
        const operation = answer.headers["azure-asyncoperation"] as string | undefined;
        resolve({ status: answer.statusCode ?? 500, text, operation });
      });
    });
    call.on("error", reject).end(body);
  });
}
