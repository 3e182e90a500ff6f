import { readPackageRepository } from "../../local/backends/package-repository/package-repository";
import { LOOPBACK } from "../../common/ports";
import { answers } from "../../local/azure/health";
import { type LabProcess, labProcesses, pidOf } from "../../local/azure/process-list";
import { type LabSettings } from "../../local/azure/settings";
import { localAzurePid } from "../../local/azure/start-stop";
import { readEvents, readReports } from "../../local/azure/supervision/journal";
import { type PartEvent, type PartReport } from "../../local/azure/supervision/part";
import { LabPaths } from "../../local/paths";
import { findLab, type Lab } from "../../local/lab";

/** One real process, emulation or stand-in that the lab consists of. */
export interface Part {
  readonly name: string;
  /** Which one, where the lab has several with the name. */
  readonly label?: string;
  /**
   * `silent`: the process runs and doesn't answer. `starting`: local Azure starts it, perhaps again. `failed`: it ended too
   * often. `installed`: it has no process.
   */
  readonly state: "healthy" | "silent" | "stopped" | "starting" | "failed" | "installed";
  /** Why it isn't healthy, as far as local Azure knows. */
  readonly why?: string;
  readonly kind: "real" | "stand-in" | "emulation";
  readonly version?: string;
  readonly endpoint?: string;
  readonly pid?: number;
  readonly log?: string;
}

/** The state of the lab on this machine; `./lab status --json` prints it, with `trail` and `connection`. */
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
    /** With the secret in this file a client gets a token. */
    readonly clientSecretFile: string;
    readonly caCertificate: string;
  };
  readonly parts: readonly Part[];
  /** What happened to the parts last, oldest first. */
  readonly events: readonly PartEvent[];
}

const MOST_EVENTS = 50;

export async function labStatus(): Promise<LabStatus> {
  const paths = new LabPaths();
  const lab = await findLab();
  if (!lab) return { isUp: false, folder: paths.root, parts: [], events: [] };
  const { settings } = lab;
  const endpoint = `https://${LOOPBACK}:${settings.ports.arm}`;
  const all = labProcesses(paths);
  const reports = localAzurePid(paths) === undefined ? [] : readReports(paths);
  const isOnlyOne = (part: LabProcess) => all.filter(({ name }) => name === part.name).length === 1;
  const processes = await Promise.all(
    all.map(async (part) => ({
      ...(await processPart(lab, part, reports)),
      ...(isOnlyOne(part) ? {} : { label: part.label ?? part.instance }),
    })),
  );
  return {
    isUp: processes[0] !== undefined && processes[0].state !== "stopped",
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
    parts: [...processes, ...reports.filter(isInside).map(insidePart), ...installedParts(lab)],
    events: readEvents(paths).slice(-MOST_EVENTS),
  };
}

const STATES: Readonly<Record<PartReport["state"], Part["state"]>> = {
  stopped: "stopped",
  starting: "starting",
  waiting: "starting",
  stopping: "starting",
  ready: "healthy",
  silent: "silent",
  failed: "failed",
};

/** Whether the part is a service in local Azure's own process. */
const isInside = ({ name }: PartReport): boolean =>
  name === "package repository" || name === "log shipper";

const insidePart = ({ name, state, why, logFile }: PartReport): Part => ({
  name,
  state: STATES[state],
  why: state === "ready" ? undefined : why,
  kind: "emulation",
  log: logFile,
});

const EMULATED: readonly LabProcess["name"][] = ["local Azure", "PostgreSQL gateway"];

async function processPart(
  { paths, settings }: Lab,
  part: LabProcess,
  reports: readonly PartReport[],
): Promise<Part> {
  const pid = pidOf(part);
  const healthy = pid !== undefined && (await answers(part, paths, settings));
  const report = reports.find(
    ({ name, instance }) => name === part.name && instance === part.instance,
  );
  const seen = pid === undefined ? "stopped" : "silent";
  const known = report && report.state !== "ready" ? STATES[report.state] : seen;
  return {
    name: part.name,
    state: healthy ? "healthy" : known,
    why: healthy || report?.state === "ready" ? undefined : report?.why,
    kind: EMULATED.includes(part.name) ? "emulation" : "real",
    endpoint: endpointOf(part, settings),
    pid,
    log: part.logFile,
  };
}

function endpointOf(part: LabProcess, settings: LabSettings): string | undefined {
  const address = part.address(settings);
  if (address === undefined) return undefined;
  const isHttps = part.name === "local Azure" || part.name === "Azurite";
  return `${isHttps ? "https://" : ""}${address.host}:${address.port}`;
}

function installedParts({ paths, engine, settings }: Lab): Part[] {
  const packages = readPackageRepository(paths);
  const state = "installed";
  return [
    { name: "Pulumi CLI", state, kind: "real", version: engine.version },
    { name: "pulumi-language-nodejs", state, kind: engine.languageHost },
    ...engine.plugins.map(({ name, version, kind }): Part => ({
      name: `pulumi-resource-${name}`,
      state,
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
