import * as crypto from "node:crypto";
import { z } from "zod";
import { readFileIfExists, writeFile, writeSecretFile } from "../../common/files";
import { parseJson } from "../../common/json";
import { type LabPaths } from "../paths";
import { choosePort, isPortFree, LOOPBACK } from "../../common/ports";
import { UserError } from "../../common/user-error";

/** The port of the VM's sshd; the local stack's configuration names it too. */
export const SSH_PORT = 2222;

/** Preferred ports; one that is taken gives way to a free one when the lab is first set up. */
const PREFERRED_PORTS = { arm: 8443, blob: 10000, packages: 8444, postgres: 5432 };

/** Each VM host address is one of loopback's own, so that two labs can have the same SSH port. */
const LAST_SSH_ADDRESS = 254;

const PORT = z.int().min(1).max(65535);
const SETTINGS = z.object({
  subscriptionId: z.uuid(),
  tenantId: z.uuid(),
  clientId: z.uuid(),
  ports: z.object({ arm: PORT, blob: PORT, packages: PORT, postgres: PORT }),
  /** The loopback address that the VM is reached at. */
  vmAddress: z.ipv4(),
});

/** What is chosen once for a lab and stays. */
export type LabSettings = z.infer<typeof SETTINGS>;

/** @throws UserError where the file isn't whole. */
export function readSettings(paths: LabPaths): LabSettings | undefined {
  const text = readFileIfExists(paths.settings);
  if (text === undefined) return undefined;
  const result = SETTINGS.safeParse(parseJson(text));
  if (result.success) return result.data;
  throw new UserError(
    `${paths.settings} is damaged: ${z.prettifyError(result.error)}\n` +
      "It holds the lab's ports and identifiers. Remove the lab with `npm run lab:down -- --force`, then start again.",
  );
}

/** The lab's settings, chosen now where there are none. */
export async function ensureSettings(paths: LabPaths): Promise<LabSettings> {
  if (!readFileIfExists(paths.clientSecret)) {
    writeSecretFile(paths.clientSecret, crypto.randomBytes(32).toString("base64url"));
  }
  const existing = readSettings(paths);
  if (existing) return existing;
  const settings: LabSettings = {
    subscriptionId: crypto.randomUUID(),
    tenantId: crypto.randomUUID(),
    clientId: crypto.randomUUID(),
    ports: {
      arm: await choosePort(PREFERRED_PORTS.arm),
      blob: await choosePort(PREFERRED_PORTS.blob),
      packages: await choosePort(PREFERRED_PORTS.packages),
      postgres: await choosePort(PREFERRED_PORTS.postgres),
    },
    vmAddress: await chooseVmAddress(),
  };
  writeFile(paths.settings, `${JSON.stringify(settings, null, 2)}\n`);
  return settings;
}

async function chooseVmAddress(): Promise<string> {
  for (let last = 1; last <= LAST_SSH_ADDRESS; last++) {
    const address = LOOPBACK.replace(/\d+$/, String(last));
    if (await isPortFree(SSH_PORT, address)) return address;
  }
  throw new UserError(`Port ${SSH_PORT} is taken on every loopback address; stop what holds it.`);
}

export type PortName = keyof LabSettings["ports"] | "ssh";

/**
 * Every port that the lab is about to listen on has to be free.
 * @throws UserError naming each that isn't.
 */
export async function requireFreePorts(
  { ports, vmAddress }: LabSettings,
  inOwnUse: readonly PortName[],
): Promise<void> {
  const wanted = [
    ...Object.entries(ports).map(([name, port]) => ({ name, port, address: LOOPBACK })),
    { name: "ssh", port: SSH_PORT, address: vmAddress },
  ].filter(({ name }) => !inOwnUse.includes(name as PortName));
  const taken = [];
  for (const { name, port, address } of wanted) {
    if (!(await isPortFree(port, address))) taken.push(`${address}:${port} (${name})`);
  }
  if (taken.length > 0) {
    throw new UserError(
      `Another program listens where this lab does: ${taken.join(", ")}.\n` +
        "`ss -ltnp` shows which. Stop it, or let the lab choose other ports: npm run lab:down, then npm run lab.",
    );
  }
}
