import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { shellQuote } from "../common/shell-quote";
import { componentType } from "./component";

const SCRIPTS = path.join("scripts", "vm");

/** Connection attempts while the VM boots or reboots. */
const DIAL_ERROR_LIMIT = 60;
const DIAL_TIMEOUT_SECONDS = 15;

/** How to sign in to the VM; every connection is pinned to the host key. */
export interface VmConnection {
  readonly host: pulumi.Input<string>;
  readonly port: number;
  readonly user: string;
  /** A secret. */
  readonly privateKey: pulumi.Input<string>;
  /** As in known_hosts, without the host. */
  readonly hostKey: pulumi.Input<string>;
}

export interface VmScriptsArgs {
  readonly connection: VmConnection;
  /** Its steps are deleted with the machine, so a machine that is shut down can be destroyed. */
  readonly machine: pulumi.Resource;
  /** Differs for each machine (`vmId`): a new one gets every step again, although its name and address are the same. */
  readonly machineId: pulumi.Input<string>;
}

export interface VmStepArgs {
  /** A file of scripts/vm with the verbs `apply` and `remove`. */
  readonly script: string;
  readonly arguments: readonly pulumi.Input<string>[];
  /** A secret or a file's content. It is never printed, even if the step fails. */
  readonly stdin?: pulumi.Input<string>;
  /** A change of these runs the step again. */
  readonly revision?: pulumi.Input<string>;
  /** Whether `remove` undoes the step. */
  readonly removable: boolean;
}

/** The folder scripts/vm on the VM, and the steps that run from it. */
export class VmScripts extends pulumi.ComponentResource {
  private readonly connection: pulumi.Input<command.types.input.remote.ConnectionArgs>;
  private readonly folder: string;
  private readonly written: command.remote.Command;
  private readonly machine: pulumi.Resource;
  private readonly machineId: pulumi.Input<string>;
  /** Of all scripts: a step uses several files. */
  private readonly hash = scriptsHash(SCRIPTS);

  constructor(name: string, args: VmScriptsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("VmScripts"), name, {}, opts);
    const home = `/home/${args.connection.user}/.pg-audit-lab`;
    this.machine = args.machine;
    this.machineId = args.machineId;
    this.folder = `${home}/vm`;
    this.connection = {
      ...args.connection,
      dialErrorLimit: DIAL_ERROR_LIMIT,
      perDialTimeout: DIAL_TIMEOUT_SECONDS,
    };
    // CopyToRemote doesn't delete its files, so a Command does.
    const cleanUp = new command.remote.Command(
      `${name}-folder`,
      {
        connection: this.connection,
        create: pulumi.interpolate`mkdir -p -m 0700 ${home} # ${args.machineId}`,
        delete: `rm -rf ${home}`,
        addPreviousOutputInEnv: false,
      },
      { parent: this, deletedWith: this.machine, dependsOn: [this.machine] },
    );
    const copy = new command.remote.CopyToRemote(
      name,
      {
        connection: this.connection,
        // Without a slash at its end the folder itself is copied, whether or not an older copy exists.
        source: new pulumi.asset.FileArchive(SCRIPTS),
        remotePath: home,
        triggers: [args.machineId],
      },
      { parent: this, deletedWith: this.machine, dependsOn: [cleanUp] },
    );
    // The copy isn't repeated: without this, a crash of the VM in the next half minute leaves empty files.
    this.written = new command.remote.Command(
      `${name}-written`,
      {
        connection: this.connection,
        create: pulumi.interpolate`sync --file-system ${home} # ${this.hash} ${args.machineId}`,
        addPreviousOutputInEnv: false,
      },
      { parent: this, deletedWith: this.machine, dependsOn: [copy] },
    );
    this.registerOutputs();
  }

  /**
   * A step on the VM. The command contains the scripts' hash and the machine's id, so changed scripts run again, and a
   * new machine gets every step: Pulumi before 3.260 replaces the dependents of a replaced resource through their
   * properties only (pulumi/pulumi 23818). `triggers` would replace the step, and the replaced step's `remove` would run
   * after the new `apply`.
   */
  run(
    name: string,
    args: VmStepArgs,
    { parent, dependsOn = [] }: { parent: pulumi.Resource; dependsOn?: readonly pulumi.Resource[] },
  ): command.remote.Command {
    const quoted = pulumi.all([...args.arguments]).apply((all) => all.map(shellQuote).join(" "));
    const verb = (word: string) =>
      pulumi.interpolate`sudo bash ${this.folder}/step.sh ${args.script} ${word} ${quoted}`;
    return new command.remote.Command(
      name,
      {
        connection: this.connection,
        create: pulumi.interpolate`${verb("apply")} # ${this.hash} ${this.machineId} ${args.revision ?? ""}`,
        delete: args.removable ? verb("remove") : undefined,
        stdin: args.stdin,
        addPreviousOutputInEnv: false,
      },
      { parent, deletedWith: this.machine, dependsOn: [this.written, ...dependsOn] },
    );
  }
}

/** Hash of the names and contents of a folder's files. */
export function scriptsHash(folder: string): string {
  const hash = crypto.createHash("sha256");
  for (const name of fs.readdirSync(folder).sort()) {
    hash.update(`${name}\0`).update(fs.readFileSync(path.join(folder, name)));
  }
  return hash.digest("hex").slice(0, 12);
}
