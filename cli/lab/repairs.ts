import execa from "execa";
import * as fs from "node:fs";
import { refusesPassword } from "../../local/backends/postgres/sign-in";
import { type Lab } from "../../local/lab";
import { PROJECT_ROOT } from "../../local/paths";
import { REPLACED } from "../access/remedy";
import { readOutputs, type ServerOutputs, type StackOutputs } from "../access/stack-outputs";

/** What was changed outside Pulumi, and what the next update replaces to repair it. */
export interface Repair {
  readonly problem: string;
  /** A URN, or a pattern of one. */
  readonly replaced: string;
}

const KEY_SCAN_SECONDS = 10;

/**
 * Finds what was changed outside Pulumi and what `pulumi up --refresh` doesn't see: Azure shows neither a server's password
 * nor what is in a VM. What can't be asked counts as unchanged.
 */
export async function findRepairs(lab: Lab, stack: string): Promise<Repair[]> {
  const options = { stack, env: lab.env, cwd: PROJECT_ROOT };
  const outputs = await readOutputs(options).catch(() => undefined);
  // Before the first complete `up` there is nothing to compare with.
  if (outputs === undefined) return [];
  const { server, vm } = outputs;
  const repairs = await Promise.all([
    // The password of another server is in the configuration.
    server.ownsServer ? passwordRepair(lab, server) : undefined,
    vm && hostKeyRepair(vm),
  ]);
  return repairs.filter((repair) => repair !== undefined);
}

async function passwordRepair(
  { paths, settings }: Lab,
  outputs: ServerOutputs,
): Promise<Repair | undefined> {
  const refused = await refusesPassword({
    port: settings.ports.postgres,
    host: outputs.serverFqdn,
    database: outputs.databaseName,
    user: outputs.administratorLogin,
    password: outputs.administratorPassword,
    ca: fs.readFileSync(paths.caCertificate, "utf8"),
  });
  if (!refused) return undefined;
  return {
    problem: "The administrator's password was changed outside Pulumi: the server gets a new one.",
    replaced: REPLACED.password,
  };
}

/** @param outputs the VM's address, and the host key that the program gave it */
export async function hostKeyRepair(
  outputs: Pick<StackOutputs, "vmAddress" | "sshPort" | "sshHostKey">,
): Promise<Repair | undefined> {
  const { vmAddress, sshPort, sshHostKey } = outputs;
  const [type = "", key = ""] = sshHostKey.split(" ");
  const args = ["-T", String(KEY_SCAN_SECONDS), "-t", scanName(type), "-p", String(sshPort)];
  const { stdout } = await execa("ssh-keyscan", [...args, vmAddress], { reject: false });
  const found = new RegExp(` ${type} (\\S+)$`, "m").exec(stdout ?? "")?.[1];
  if (found === undefined || found === key) return undefined;
  return {
    problem: "The VM's SSH host key was changed outside Pulumi: the VM is replaced.",
    replaced: REPLACED.hostKey,
  };
}

/** ssh-keyscan's name of a key type: ecdsa of `ecdsa-sha2-nistp256`. */
const scanName = (type: string): string => type.replace(/^ssh-/, "").replace(/-.*$/, "");
