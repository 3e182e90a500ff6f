import * as fs from "node:fs";
import { type ClientConfig } from "pg";
import {
  readStackOutputs,
  readTrailOutputs,
  type StackOutputs,
} from "../../cli/access/stack-outputs";
import { stackOptions } from "../../cli/access/stack";
import { LOCAL_STACK } from "../../cli/lab/names";
import { LOOPBACK } from "../../common/ports";
import { shellQuote } from "../../common/shell-quote";
import { readSettings, type LabSettings } from "../../local/azure/settings";
import { LabPaths } from "../../local/paths";
import { Background, type Result, run } from "../e2e/lab-driver";
import { shareAuthority, shareBuilds } from "../support/shared-builds";
import { type TrailRecord } from "./compare";
import { type LabUnderTest } from "./lab-under-test";
import { parseRecords } from "./trail";

const MINUTE = 60_000;
/** `./lab up` may try its steps again; past this, it hangs. */
const COMMAND_MILLISECONDS = 15 * MINUTE;

/** What a message may ask for, besides `./lab up`. */
const ADVISED = /\.\/lab (?:restart \w+|down --force|reset)|pulumi (?:cancel|refresh)[^`\n]*/g;

/** The lab as `./lab up` brings it up, in the folder that LAB_DIR names. */
export class WholeLab implements LabUnderTest {
  readonly kind = "whole";
  readonly paths = new LabPaths();
  private outputs: StackOutputs | undefined;
  account = "";

  get settings(): LabSettings {
    const settings = readSettings(this.paths);
    if (!settings) throw new Error(`${this.paths.settings} is missing: no lab is set up`);
    return settings;
  }

  /** Gives the folder this clone's downloads, builds and authority, which the VM's image contains. */
  prepare(): void {
    shareBuilds(this.paths);
    shareAuthority(this.paths);
  }

  async start(): Promise<void> {
    const { exitCode, all } = await run("./lab up", COMMAND_MILLISECONDS);
    if (exitCode !== 0) throw new Error(all);
    await this.readOutputs();
  }

  /** `./lab up`, and what its message asks for where it fails. */
  async heal(): Promise<string> {
    let all = "";
    let last = await this.up();
    all += last.all;
    for (let tries = 0; last.exitCode !== 0 && tries < 2; tries++) {
      for (const command of advice(last)) all += (await run(command, COMMAND_MILLISECONDS)).all;
      last = await this.up();
      all += last.all;
    }
    if (last.exitCode !== 0) throw new Error(last.all);
    await this.readOutputs();
    return all;
  }

  startCommand(command: "up" | "down"): Background {
    this.outputs = undefined;
    return new Background(`exec ./lab ${command}`);
  }

  /** `./lab down`; removes everything by force where that fails, and returns the failure. */
  async remove(): Promise<string | undefined> {
    const { exitCode, all } = await run("./lab down", COMMAND_MILLISECONDS);
    this.outputs = undefined;
    if (exitCode === 0) return undefined;
    await run("./lab down --force", COMMAND_MILLISECONDS);
    return all;
  }

  async connection(): Promise<ClientConfig> {
    const outputs = this.outputs ?? (await this.readOutputs());
    return {
      host: LOOPBACK,
      port: this.settings.ports.postgres,
      user: outputs.administratorLogin,
      password: outputs.administratorPassword,
      database: outputs.databaseName,
      ssl: {
        ca: fs.readFileSync(this.paths.caCertificate, "utf8"),
        servername: outputs.serverFqdn,
      },
    };
  }

  /** The records as the mount on the VM shows them, in the order of the blobs. */
  async mountedRecords(): Promise<TrailRecord[]> {
    const { mountPath } = this.outputs ?? (await this.readOutputs());
    const find = `sudo find ${shellQuote(mountPath)} -name PT1H.json -print0`;
    const { exitCode, stdout, all } = await this.onVm(`${find} | sort -z | sudo xargs -0 -r cat`);
    if (exitCode !== 0) throw new Error(`the mount can't be read: ${all.slice(-500)}`);
    return parseRecords(stdout);
  }

  onVm(command: string): Promise<Result> {
    return run(`./lab ssh ${shellQuote(command)}`, 5 * MINUTE);
  }

  private up(): Promise<Result> {
    return run("./lab up", COMMAND_MILLISECONDS);
  }

  private async readOutputs(): Promise<StackOutputs> {
    const options = await stackOptions(LOCAL_STACK);
    this.outputs = await readStackOutputs(options);
    this.account = (await readTrailOutputs(options)).storageAccountName;
    return this.outputs;
  }
}

const advice = ({ all }: Result): string[] => [
  ...new Set(
    [...all.matchAll(ADVISED)].map(([command]) =>
      command.startsWith("pulumi")
        ? `eval "$(./lab env)"; ${command.trim()} --yes --stack local`
        : command,
    ),
  ),
];
