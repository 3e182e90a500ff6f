import execa, { type ExecaChildProcess } from "execa";
import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "yaml";
import type { LabSettings } from "../../../local/azure/settings";
import { writeSecretFile } from "../../../common/files";
import { processesOfBackend } from "../../../cli/engine/leftovers";
import { LabPaths, PROJECT_ROOT } from "../../../local/paths";
import { cliFolder, findCli } from "../../../local/engine/cli";
import { type Engine, engineEnvironment, findEngine } from "../../../local/engine/engine";
import { downloadsAreReachable, obtainCli } from "../../../local/engine/obtain-cli";
import { ensureLanguageHost, ensurePlugins } from "../../../local/engine/plugins";
import { labEnvironment } from "../../../local/environment";
import { type TestCloud } from "./cloud";

const PROJECT = "engine-test";
const STACK = "test";
const MINUTE = 60_000;

/** A step of a preview's or update's JSON. */
export interface Step {
  readonly op: string;
  readonly urn: string;
  /** How each property path changes: `update`, `add-replace` and so on, in a preview. */
  readonly detailedDiff: Readonly<Record<string, { readonly kind: string }>> | null;
}

/** The file that `stack init` and `config set` write: the salt of the passphrase, and values by `<project>:<key>`. */
interface StackFile {
  readonly config?: Readonly<Record<string, unknown>>;
}

const isSecret = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "secure" in value;

/**
 * A program that the real Pulumi CLI runs on a test's cloud. The CLI is that of this clone, obtained if it is missing;
 * PULUMI_HOME, state and program are in a separate folder, so that the clone's lab isn't changed.
 */
export class EngineStack {
  private readonly stackFile: string;

  private constructor(
    private readonly folder: string,
    private readonly pulumi: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly stateFolder: string,
  ) {
    this.stackFile = path.join(folder, `Pulumi.${STACK}.yaml`);
  }

  /** @param program a folder with Pulumi.yaml and index.ts */
  static async create(cloud: TestCloud, program: string): Promise<EngineStack> {
    const { paths } = cloud;
    const engine = await prepareEngine(paths);
    fs.mkdirSync(paths.pulumiState, { recursive: true });
    const folder = path.join(paths.root, "program");
    fs.cpSync(program, folder, { recursive: true });
    fs.symlinkSync(path.join(PROJECT_ROOT, "node_modules"), path.join(folder, "node_modules"));
    fs.writeFileSync(path.join(folder, "package.json"), PACKAGE);
    writeSecretFile(paths.clientSecret, cloud.clientSecret);
    writeSecretFile(paths.passphraseFile, "engine-test");
    const settings = {
      ports: { arm: Number(new URL(cloud.url).port) },
      tenantId: cloud.tenantId,
      clientId: cloud.clientId,
      subscriptionId: cloud.subscription.split("/")[2],
    } as LabSettings;
    const env = labEnvironment(paths, settings, engine);
    const stack = new EngineStack(folder, engine.pulumi, env, paths.pulumiState);
    await stack.run("stack", "init");
    return stack;
  }

  /** Sets plain values that the program reads; they replace the earlier ones. */
  configure(values: Readonly<Record<string, unknown>>): void {
    const before = yaml.parse(fs.readFileSync(this.stackFile, "utf8")) as StackFile;
    const secrets = Object.entries(before.config ?? {}).filter(([, value]) => isSecret(value));
    const plain = Object.entries(values).map(([key, value]) => [`${PROJECT}:${key}`, value]);
    const config = Object.fromEntries([...secrets, ...plain]) as Record<string, unknown>;
    fs.writeFileSync(this.stackFile, yaml.stringify({ ...before, config }));
  }

  async setSecret(key: string, value: string): Promise<void> {
    await this.finish(this.start(["config", "set", "--secret", key], value));
  }

  /** Runs the CLI to its end and returns its standard output. @throws Error with all of its output if it fails */
  run(...args: string[]): Promise<string> {
    return this.finish(this.start(args));
  }

  /** Starts the CLI; its promise never fails. */
  start(args: readonly string[], input = ""): ExecaChildProcess {
    const options = ["--stack", STACK, "--non-interactive", "--color", "never"];
    return execa(this.pulumi, [...args, ...options], {
      ...{ cwd: this.folder, env: this.env, extendEnv: false, input },
      ...{ reject: false, all: true, timeout: 5 * MINUTE },
    });
  }

  private async finish(child: ExecaChildProcess): Promise<string> {
    const { exitCode, stdout, all, command } = await child;
    if (exitCode !== 0) throw new Error(`${command} ended with ${exitCode}:\n${all}`);
    return stdout;
  }

  up(...args: string[]): Promise<string> {
    return this.run("up", "--yes", "--skip-preview", ...args);
  }

  async import(type: string, name: string, id: string): Promise<void> {
    const options = ["--yes", "--skip-preview", "--generate-code=false", "--protect=false"];
    await this.run("import", type, name, id, ...options);
  }

  /** The steps of a preview by resource name, without the stack and unchanged resources. */
  async preview(): Promise<Map<string, Step>> {
    const { steps } = JSON.parse(await this.run("preview", "--json")) as {
      steps: Step[];
    };
    return new Map(
      steps
        .filter(({ op, urn }) => op !== "same" && !urn.includes("::pulumi:"))
        .map((step) => [nameOf(step), step]),
    );
  }

  /** Brings the state in line with the cloud, as `./lab settle` does; returns what that prints. */
  async settle(): Promise<string> {
    const options = { stack: STACK, pulumi: this.pulumi, cwd: this.folder };
    const source = `
      const { settle } = require("./cli/settle/settle");
      const options = JSON.parse(process.argv[1]);
      const others = { env: process.env, ownsSubscription: false, notify: console.log };
      settle({ ...options, ...others }).catch((error) => { console.error(error); process.exit(1); });`;
    // A process of its own: the sign-in needs the authority's certificate from the start.
    const args = ["--import", "tsx", "-e", source, JSON.stringify(options)];
    return this.finish(
      execa(process.execPath, args, {
        ...{ cwd: PROJECT_ROOT, env: this.env, extendEnv: false, reject: false, all: true },
      }),
    );
  }

  /**
   * Runs a script of the project on this program, as a workflow does; returns its standard output.
   * @param file below the project's folder
   * @param vary makes the script's environment of the stack's
   */
  script(
    file: string,
    args: readonly string[],
    vary: (env: NodeJS.ProcessEnv) => NodeJS.ProcessEnv = (env) => env,
  ): Promise<string> {
    const script = path.join(PROJECT_ROOT, file);
    return this.finish(
      execa(process.execPath, ["--import", "tsx", script, STACK, ...args], {
        ...{ cwd: this.folder, env: vary(this.env), extendEnv: false, reject: false, all: true },
      }),
    );
  }

  /** Kills the engine's processes whose command line contains the text, and returns how many. */
  kill(text: string): number {
    const found = processesOfBackend(this.env.PULUMI_BACKEND_URL ?? "").filter(({ command }) =>
      command.join(" ").includes(text),
    );
    for (const { pid } of found) process.kill(pid, "SIGKILL");
    return found.length;
  }

  /** The state in the backend, with encrypted secrets. */
  state(): string {
    const file = path.join(".pulumi", "stacks", PROJECT, `${STACK}.json`);
    return fs.readFileSync(path.join(this.stateFolder, file), "utf8");
  }
}

const PACKAGE = JSON.stringify({
  name: PROJECT,
  dependencies: { "@pulumi/azure-native": "*", "@pulumi/pulumi": "*" },
});

const nameOf = ({ urn }: Step): string => urn.split("::").at(-1) ?? "";

/** The CLI of this clone, and the stand-ins bundled from the current sources, in the folder of another lab. */
async function prepareEngine(paths: LabPaths): Promise<Engine> {
  const clone = new LabPaths();
  const notify = (line: string) => console.log(line);
  const cli =
    (await findCli(clone)) ?? (await obtainCli(clone, notify, await downloadsAreReachable()));
  fs.mkdirSync(paths.engine, { recursive: true });
  if (cli.source !== "path") fs.symlinkSync(cliFolder(clone), cliFolder(paths));
  await ensureLanguageHost(paths, cli);
  await ensurePlugins(paths, cli, engineEnvironment(paths, cli), false);
  const engine = await findEngine(paths);
  if (!engine) throw new Error(`the engine below ${paths.root} isn't complete`);
  return engine;
}
