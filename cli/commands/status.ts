import Table from "cli-table3";
import * as path from "node:path";
import { type LabProcess, labProcesses, pidOf } from "../../local/azure/processes";
import { SSH_PORT } from "../../local/azure/settings";
import { readPackageRepository } from "../../local/backends/package-repository/package-repository";
import { LabPaths } from "../../local/common/paths";
import { LOOPBACK } from "../../common/ports";
import { findLab, type LabContext } from "./context";

/** One real process, emulation or stand-in that the lab is made of. */
export interface Part {
  readonly name: string;
  /** `installed`: no process of its own. */
  readonly state: "running" | "stopped" | "installed";
  readonly kind: "real" | "stand-in" | "emulation";
  readonly version?: string;
  readonly endpoint?: string;
  readonly pid?: number;
  readonly log?: string;
}

/** What stands of a lab; the shape of `npm run -s lab:status -- --json`. */
export interface LabStatus {
  readonly isUp: boolean;
  readonly folder: string;
  /** Undefined where the lab isn't set up. */
  readonly resourceManager?: {
    readonly endpoint: string;
    readonly tokenEndpoint: string;
    readonly tenantId: string;
    readonly clientId: string;
    readonly subscriptionId: string;
    /** A token is had for what stands in this file. */
    readonly clientSecretFile: string;
    readonly caCertificate: string;
  };
  readonly parts: readonly Part[];
}

export async function labStatus(): Promise<LabStatus> {
  const paths = new LabPaths();
  const lab = await findLab();
  if (!lab) return { isUp: false, folder: paths.root, parts: [] };
  const { settings } = lab;
  const endpoint = `https://${LOOPBACK}:${settings.ports.arm}`;
  const processes = processParts(lab);
  return {
    isUp: processes[0]?.state === "running",
    folder: paths.root,
    resourceManager: {
      endpoint,
      tokenEndpoint: `${endpoint}/${settings.tenantId}/oauth2/v2.0/token`,
      tenantId: settings.tenantId,
      clientId: settings.clientId,
      subscriptionId: settings.subscriptionId,
      clientSecretFile: paths.clientSecret,
      caCertificate: paths.caCertificate,
    },
    parts: [...processes, ...installedParts(lab)],
  };
}

function processParts({ paths, settings: { ports, vmAddress } }: LabContext): Part[] {
  const endpoints: Record<LabProcess["name"], string> = {
    "local Azure": `https://${LOOPBACK}:${ports.arm}`,
    Azurite: `https://${LOOPBACK}:${ports.blob}`,
    PostgreSQL: `${LOOPBACK}:${ports.postgres}`,
    VM: `${vmAddress}:${SSH_PORT}`,
  };
  return labProcesses(paths).map((process) => {
    const pid = pidOf(process);
    return {
      name: process.name,
      state: pid === undefined ? "stopped" : "running",
      kind: process.name === "local Azure" ? "emulation" : "real",
      endpoint: endpoints[process.name],
      pid,
      log: process.logFile,
    };
  });
}

function installedParts({ paths, engine, settings }: LabContext): Part[] {
  const packages = readPackageRepository(paths);
  return [
    { name: "Pulumi CLI", state: "installed", kind: "real", version: engine.version },
    { name: "pulumi-language-nodejs", state: "installed", kind: engine.languageHost },
    ...engine.plugins.map(({ name, version, kind }) => ({
      name: `pulumi-resource-${name}`,
      state: "installed" as const,
      kind,
      version,
    })),
    ...(packages === undefined
      ? []
      : [
          {
            name: "blobfuse2",
            state: "installed" as const,
            kind: packages.blobfuse2,
            version: packages.version,
            endpoint: `https://${LOOPBACK}:${settings.ports.packages}`,
          },
        ]),
  ];
}

/** A table without rules: it can be read aloud, searched and cut. */
const NO_LINES = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid"]
    .flatMap((side) => ["", "-mid", "-left", "-right"].map((end) => `${side}${end}`))
    .concat("middle")
    .map((name) => [name, ""]),
);

/** `npm run lab:status`. */
export async function status({ json }: { json: boolean }): Promise<void> {
  const found = await labStatus();
  if (json) {
    console.log(JSON.stringify(found, null, 2));
    return;
  }
  if (found.resourceManager === undefined) {
    console.log("No lab is set up here. Start one with `npm run lab`.");
    return;
  }
  console.log(found.isUp ? "The lab is up." : "The lab is down; `npm run lab` starts it.");
  const table = new Table({
    head: ["part", "state", "kind", "version", "endpoint", "pid", "log"],
    chars: NO_LINES,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
  });
  for (const { name, state, kind, version, endpoint, pid, log } of found.parts) {
    table.push([
      name,
      state,
      kind,
      version ?? "",
      endpoint ?? "",
      pid ?? "",
      log === undefined ? "" : path.relative("", log),
    ]);
  }
  console.log(table.toString());
  const { endpoint, clientSecretFile } = found.resourceManager;
  console.log(`Resource Manager: ${endpoint}; its client secret lies in ${clientSecretFile}`);
}
