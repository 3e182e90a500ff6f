import * as path from "node:path";

/** The project's root folder. */
export const PROJECT_ROOT = path.resolve(__dirname, "..");

/** Apart from the paths, so that the root is set before they are, however classes are compiled. */
class LabRoot {
  readonly root: string;

  /** @param root @default LAB_DIR, else `.lab` in the project's folder */
  constructor(root?: string) {
    this.root = path.resolve(root ?? (process.env.LAB_DIR || path.join(PROJECT_ROOT, ".lab")));
  }

  protected at(...parts: string[]): string {
    return path.join(this.root, ...parts);
  }
}

/**
 * Every place under `.lab/`, the lab's only state. Nothing of a lab stands outside it.
 * Downloads and builds that outlive `lab:down` stand in `engine`, `image` and `packages`.
 */
export class LabPaths extends LabRoot {
  /** Held while a command changes the lab. */
  readonly lock = this.at("lab.lock");
  /** Ports, address and identifiers of this lab, chosen once. */
  readonly settings = this.at("settings.json");
  /** 600-mode files: client secret, CA key, keys of storage accounts. */
  readonly secrets = this.at("secrets");
  readonly clientSecret = this.at("secrets", "client-secret");
  /** The administrator's password for psql on this machine. */
  readonly passwordFile = this.at("secrets", "pgpass");
  readonly caKey = this.at("secrets", "ca.key");
  readonly caCertificate = this.at("tls", "ca.crt");
  readonly tls = this.at("tls");
  readonly logs = this.at("logs");
  /** Process ids of what runs. */
  readonly run = this.at("run");
  /** PULUMI_HOME. */
  readonly pulumi = this.at("pulumi");
  /** PULUMI_HOME where azure-native is the real plugin. */
  readonly pulumiWithRealAzureNative = this.at("pulumi-real");
  /** The file backend: the stack's state. */
  readonly pulumiState = this.at("state");
  /** The Pulumi CLI and what built it. */
  readonly engine = this.at("engine");
  /** The VM image's parts. */
  readonly image = this.at("image");
  /** The dnf repository that stands where packages.microsoft.com stands on Azure. */
  readonly packages = this.at("packages");
  /** What local Azure keeps: the ARM resources and the data behind them. */
  readonly arm = this.at("azure", "arm.json");
  readonly postgres = this.at("azure", "postgres");
  readonly storage = this.at("azure", "storage");
  readonly virtualMachines = this.at("azure", "vm");

  /** What belongs to one life of the lab and goes with `lab:down`. */
  readonly labState = [this.at("azure"), this.run, this.logs, this.settings, this.passwordFile];

  /** The same lab with the PULUMI_HOME in which azure-native is the real plugin. */
  withRealAzureNative(): LabPaths {
    return Object.assign(new LabPaths(this.root), { pulumi: this.pulumiWithRealAzureNative });
  }
}
