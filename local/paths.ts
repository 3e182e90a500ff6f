import * as crypto from "node:crypto";
import * as os from "node:os";
import * as path from "node:path";

/** The project's root folder. */
export const PROJECT_ROOT = path.resolve(__dirname, "..");

/** What to do about a file of the lab that is damaged and can't be made again. */
export const REPLACE_LAB =
  "Restore it, or replace the lab by a new one, without its data: `./lab reset`.";

/** The lab's folder where LAB_DIR isn't set; it may also have the tools of `npm run check`. */
export const DEFAULT_ROOT = path.join(PROJECT_ROOT, ".lab");

/** Where this user's labs on this machine reserve their ports. */
const reservations = (): string =>
  path.join(
    process.env.XDG_STATE_HOME || path.join(os.homedir() || os.tmpdir(), ".local", "state"),
    "pg-audit-lab",
    "reservations",
  );

/** A base class, so that the root is set before the fields with the paths. */
class LabRoot {
  readonly root: string;

  /** @param root @default LAB_DIR, else DEFAULT_ROOT */
  constructor(root?: string) {
    this.root = path.resolve(root ?? (process.env.LAB_DIR || DEFAULT_ROOT));
  }

  protected at(...parts: string[]): string {
    return path.join(this.root, ...parts);
  }
}

/**
 * The paths below `.lab/`, which contains the whole state of a lab.
 * `engine`, `image`, `postgresql` and `packages` contain downloads and builds, which `./lab down` keeps.
 */
export class LabPaths extends LabRoot {
  /** The lock of a command that changes the lab. */
  readonly lock = this.at("lab.lock");
  /** Ports, address and identifiers of this lab, chosen once. */
  readonly settings = this.at("settings.json");
  /** The only file outside the lab's folder: reserves the ports of `settings` for the lab's life; its text is the lab's folder. */
  readonly reservation = path.join(
    reservations(),
    crypto.createHash("sha256").update(this.root).digest("hex").slice(0, 16),
  );
  /** Files with mode 600: client secret, CA key, keys of storage accounts. */
  readonly secrets = this.at("secrets");
  readonly clientSecret = this.at("secrets", "client-secret");
  /** The passphrase of the local stack's state. */
  readonly passphraseFile = this.at("secrets", "passphrase");
  /** The administrator's password for psql on this machine. */
  readonly passwordFile = this.at("secrets", "pgpass");
  readonly caKey = this.at("secrets", "ca.key");
  readonly caCertificate = this.at("tls", "ca.crt");
  readonly tls = this.at("tls");
  readonly logs = this.at("logs");
  /** Process ids. */
  readonly run = this.at("run");
  /** PULUMI_HOME. */
  readonly pulumi = this.at("pulumi");
  /** PULUMI_HOME with the real plugin azure-native. */
  readonly pulumiWithRealAzureNative = this.at("pulumi-real");
  /** Pulumi's file backend: the stack's state. */
  readonly pulumiState = this.at("state");
  /** The Pulumi CLI and the stand-ins' bundles. */
  readonly engine = this.at("engine");
  /** The VM image's parts. */
  readonly image = this.at("image");
  /** PostgreSQL's servers, a folder for each major version. */
  readonly postgresBuilds = this.at("postgresql");
  /** The dnf repository that replaces packages.microsoft.com. */
  readonly packages = this.at("packages");
  /** The data of local Azure: the ARM resources and their data. */
  readonly arm = this.at("azure", "arm.json");
  readonly postgres = this.at("azure", "postgres");
  readonly storage = this.at("azure", "storage");
  readonly virtualMachines = this.at("azure", "vm");

  /** Folders that other users of this machine may not enter. */
  readonly closed = [this.secrets, this.pulumiState, this.at("azure"), this.logs, this.run];

  /** The state that `./lab down` removes. */
  readonly labState = [
    ...[this.at("azure"), this.run, this.logs],
    ...[this.settings, this.passwordFile, this.reservation],
  ];

  /** The same lab with the PULUMI_HOME of the real plugin azure-native. */
  withRealAzureNative(): LabPaths {
    return Object.assign(new LabPaths(this.root), { pulumi: this.pulumiWithRealAzureNative });
  }
}
