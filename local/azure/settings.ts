import * as crypto from "node:crypto";
import * as fs from "node:fs";
import { z } from "zod";
import { readFileIfExists, writeFile, writeSecretFile } from "../../common/files";
import { readJsonFile } from "../../common/json-file";
import { choosePort, isPortFree, LOOPBACK } from "../../common/ports";
import { UserError } from "../../common/user-error";
import { addressesOf, columnOf } from "../backends/loopback-addresses";
import { type LabPaths } from "../paths";
import { withReservation } from "./reservations";

/** The port of the VM's sshd; the local stack's configuration has the same value. */
export const SSH_PORT = 2222;

/** Preferred ports; the first set-up of the lab uses other ones for those in use or reserved for another lab. */
const PREFERRED_PORTS = { arm: 8443, blob: 10000, packages: 8444, postgres: 5432 };

/** Each lab's VMs have different loopback addresses, so that two labs can have the same SSH port. */
const LAST_SSH_ADDRESS = 254;

const PORT = z.int().min(1).max(65535);
const SETTINGS = z.object({
  subscriptionId: z.uuid(),
  tenantId: z.uuid(),
  clientId: z.uuid(),
  ports: z.object({ arm: PORT, blob: PORT, packages: PORT, postgres: PORT }),
  /** The first loopback address of the VMs, 127.0.0.K; the others are 127.0.1.K to 127.0.254.K. */
  vmAddress: z.ipv4(),
});

/** Settings that are chosen once for a lab. */
export type LabSettings = z.infer<typeof SETTINGS>;

/** @throws UserError where the file is damaged */
export function readSettings(paths: LabPaths): LabSettings | undefined {
  return readJsonFile(paths.settings, SETTINGS, {
    content: "the lab's ports and identifiers",
    remedy: "Restore it, or remove the lab with `./lab down --force`, then start again.",
  });
}

/** The secret with which clients sign in. @throws UserError where there is none */
export function readClientSecret({ clientSecret }: LabPaths): string {
  const secret = readFileIfExists(clientSecret)?.trim();
  if (secret) return secret;
  throw new UserError(
    `${clientSecret} is missing or empty. Clients sign in with it; \`./lab up\` makes a new one.`,
  );
}

/**
 * The lab's settings; chosen now where there are none. A missing client secret is generated again: nothing else keeps it.
 * @param preferred ports; 0 for any that is free
 */
export async function ensureSettings(
  paths: LabPaths,
  preferred: LabSettings["ports"] = PREFERRED_PORTS,
): Promise<LabSettings> {
  if (!readFileIfExists(paths.clientSecret)?.trim()) {
    writeSecretFile(paths.clientSecret, crypto.randomBytes(32).toString("base64url"));
  }
  const kept = readSettings(paths);
  if (kept && fs.existsSync(paths.reservation)) return kept;
  return withReservation(paths, async (others) => {
    const existing = readSettings(paths);
    if (existing) return existing;
    const settings = await chooseSettings(preferred, others.flatMap(settingsOfOther));
    writeFile(paths.settings, `${JSON.stringify(settings, null, 2)}\n`);
    return settings;
  });
}

/** Another lab's damaged settings are that lab's problem. */
function settingsOfOther(paths: LabPaths): LabSettings[] {
  try {
    return [readSettings(paths) ?? []].flat();
  } catch {
    return [];
  }
}

async function chooseSettings(
  preferred: LabSettings["ports"],
  others: readonly LabSettings[],
): Promise<LabSettings> {
  const reserved = new Set(others.flatMap(({ ports }) => Object.values(ports)));
  const choose = async (wanted: number) => {
    const port = await choosePort(wanted, reserved);
    reserved.add(port);
    return port;
  };
  return {
    subscriptionId: crypto.randomUUID(),
    tenantId: crypto.randomUUID(),
    clientId: crypto.randomUUID(),
    ports: {
      arm: await choose(preferred.arm),
      blob: await choose(preferred.blob),
      packages: await choose(preferred.packages),
      postgres: await choose(preferred.postgres),
    },
    vmAddress: await chooseVmAddress(new Set(others.map(({ vmAddress }) => vmAddress))),
  };
}

async function chooseVmAddress(reserved: ReadonlySet<string>): Promise<string> {
  for (let last = 1; last <= LAST_SSH_ADDRESS; last++) {
    const address = LOOPBACK.replace(/\d+$/, String(last));
    if (!reserved.has(address) && (await areFree(addressesOf(columnOf(address))))) return address;
  }
  throw new UserError(
    `Port ${SSH_PORT} of every loopback address is in use, or reserved for another lab. Stop the programs that use it, or take labs down.`,
  );
}

/** Whether nobody listens on the SSH port of these addresses: another user's lab may run VMs on any of them. */
async function areFree(addresses: readonly string[]): Promise<boolean> {
  for (const address of addresses) {
    if (!(await isPortFree(SSH_PORT, address))) return false;
  }
  return true;
}

export type PortName = keyof LabSettings["ports"] | "ssh";

/**
 * Checks that the lab's ports are free.
 * @throws UserError that names each port in use
 */
export async function requireFreePorts(
  { ports, vmAddress }: LabSettings,
  ofThisLab: readonly PortName[],
): Promise<void> {
  const wanted = [
    ...Object.entries(ports).map(([name, port]) => ({ name, port, address: LOOPBACK })),
    { name: "ssh", port: SSH_PORT, address: vmAddress },
  ].filter(({ name }) => !ofThisLab.includes(name as PortName));
  const inUse = [];
  for (const { name, port, address } of wanted) {
    if (!(await isPortFree(port, address))) inUse.push(`${address}:${port} (${name})`);
  }
  if (inUse.length > 0) {
    throw new UserError(
      `Other programs use ports of this lab: ${inUse.join(", ")}.\n` +
        "`ss -ltnp` shows them. Stop them, or let the lab choose other ports: `./lab down --force`, then `./lab up`.",
    );
  }
}
