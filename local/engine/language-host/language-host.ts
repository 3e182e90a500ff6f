import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { createRequire } from "node:module";
import * as path from "node:path";
import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { version } from "@pulumi/pulumi/package.json";
import { parseRuntimeOptions, programDependencies } from "./program";

/** Exit code of `cmd/run` where the user has seen the error already. */
const ERROR_ALREADY_SHOWN = 32;

type Unary<Request, Response> = grpc.handleUnaryCall<Request, Response>;
type Stream<Request, Response> = grpc.ServerWritableStream<Request, Response>;

/**
 * `pulumirpc.LanguageRuntime` for Node.js, as far as preview, up, refresh, destroy, about, install and policy packs need
 * it; code generation returns "unimplemented". Source: proto/pulumi/language.proto of pulumi/pulumi.
 */
export class LanguageHost {
  private readonly children = new Set<ChildProcess>();

  /** @param engine the engine's address, for the program's log lines */
  constructor(private readonly engine: string | undefined) {}

  implementation(): grpc.UntypedServiceImplementation {
    return {
      handshake: answer(() => new language.LanguageHandshakeResponse()),
      getPluginInfo: answer(() => new plugin.PluginInfo().setVersion(version)),
      getRequiredPackages: answer((request: language.GetRequiredPackagesRequest) =>
        requiredPackages(request.getInfo()),
      ),
      getProgramDependencies: answer((request: language.GetProgramDependenciesRequest) =>
        new language.GetProgramDependenciesResponse().setDependenciesList(
          programDependencies(programDirectory(request.getInfo())).map(({ name, version }) =>
            new language.DependencyInfo().setName(name).setVersion(version),
          ),
        ),
      ),
      about: answer(() =>
        new language.AboutResponse().setExecutable(process.execPath).setVersion(process.version),
      ),
      runtimeOptionsPrompts: answer(() => new language.RuntimeOptionsResponse()),
      installDependencies: (
        call: Stream<language.InstallDependenciesRequest, language.InstallDependenciesResponse>,
      ) => this.installDependencies(call),
      run: ((call, callback) => this.run(call, callback)) as Unary<
        language.RunRequest,
        language.RunResponse
      >,
      runPlugin: (call: Stream<language.RunPluginRequest, language.RunPluginResponse>) =>
        this.runPlugin(call),
      cancel: answer(() => {
        this.cancel();
        return new Empty();
      }),
    };
  }

  /** Ends all running processes. */
  cancel(): void {
    for (const child of this.children) child.kill("SIGTERM");
  }

  private run(
    call: grpc.ServerUnaryCall<language.RunRequest, language.RunResponse>,
    callback: grpc.sendUnaryData<language.RunResponse>,
  ): void {
    const { request } = call;
    let child: ChildProcess;
    try {
      child = this.start(...programCommand(request, this.engine));
    } catch (error) {
      callback(null, new language.RunResponse().setError(messageOf(error)));
      return;
    }
    call.on("cancelled", () => child.kill("SIGTERM"));
    child.once("error", (error) =>
      callback(null, new language.RunResponse().setError(messageOf(error))),
    );
    child.once("exit", (code, signal) => {
      const response = new language.RunResponse();
      if (code === ERROR_ALREADY_SHOWN) response.setBail(true);
      else if (code !== 0) {
        response.setError(`the program ended with ${signal ?? `exit code ${code}`}`);
      }
      callback(null, response);
    });
  }

  private runPlugin(call: Stream<language.RunPluginRequest, language.RunPluginResponse>): void {
    let child: ChildProcess;
    try {
      child = this.start(...pluginCommand(call.request));
    } catch (error) {
      call.emit("error", { code: grpc.status.UNKNOWN, details: messageOf(error) });
      return;
    }
    child.stdout?.on("data", (data: Buffer) =>
      call.write(new language.RunPluginResponse().setStdout(data)),
    );
    child.stderr?.on("data", (data: Buffer) =>
      call.write(new language.RunPluginResponse().setStderr(data)),
    );
    child.once("close", (code) => {
      call.write(new language.RunPluginResponse().setExitcode(code ?? 1));
      call.end();
    });
    call.on("cancelled", () => child.kill("SIGTERM"));
  }

  private installDependencies(
    call: Stream<language.InstallDependenciesRequest, language.InstallDependenciesResponse>,
  ): void {
    const child = this.start("npm", ["install", "--loglevel=error"], {
      cwd: call.request.getDirectory(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout?.on("data", (data: Buffer) =>
      call.write(new language.InstallDependenciesResponse().setStdout(data)),
    );
    child.stderr?.on("data", (data: Buffer) =>
      call.write(new language.InstallDependenciesResponse().setStderr(data)),
    );
    child.once("close", (code) => {
      if (code === 0) call.end();
      else {
        const details = `npm install ended with exit code ${code}`;
        call.emit("error", { code: grpc.status.UNKNOWN, details });
      }
    });
  }

  private start(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    const child = spawn(command, args, options);
    this.children.add(child);
    child.once("exit", () => this.children.delete(child));
    return child;
  }
}

/** The command that runs the program with the SDK's runner, as Pulumi's host does. */
function programCommand(
  request: language.RunRequest,
  engine: string | undefined,
): [command: string, args: string[], options: SpawnOptions] {
  const info = request.getInfo();
  const directory = programDirectory(info);
  const options = parseRuntimeOptions(info?.getOptions()?.toJavaScript() ?? {});
  const args = [
    ...options.nodeargs,
    resolveSdk("cmd/run", directory),
    ...["--monitor", request.getMonitorAddress()],
    ...(engine === undefined ? [] : ["--engine", engine]),
    ...["--project", request.getProject(), "--stack", request.getStack()],
    ...["--organization", request.getOrganization(), "--pwd", request.getPwd()],
    ...["--parallel", String(request.getParallel())],
    ...["--root-directory", info?.getRootDirectory() ?? directory],
    ...(request.getDryrun() ? ["--dry-run"] : []),
    info?.getEntryPoint() ?? ".",
    ...request.getArgsList(),
  ];
  const env = {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toArray())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    PULUMI_NODEJS_TYPESCRIPT: String(options.typescript),
    ...(options.tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
  };
  return [process.execPath, args, { cwd: directory, env, stdio: ["ignore", "inherit", "inherit"] }];
}

/** The command that runs a provider or a policy pack for Node.js; a pack runs in its folder. */
function pluginCommand(
  request: language.RunPluginRequest,
): [command: string, args: string[], options: SpawnOptions] {
  const info = request.getInfo();
  const directory = programDirectory(info);
  const isPack = request.getKind() === "analyzer";
  const { typescript } = parseRuntimeOptions(info?.getOptions()?.toJavaScript() ?? {});
  const env = request.getEnvList().map((variable) => {
    const end = variable.indexOf("=");
    return [variable.slice(0, end), variable.slice(end + 1)] as const;
  });
  const runner = resolveSdk(isPack ? "cmd/run-policy-pack" : "cmd/run-plugin", directory);
  return [
    process.execPath,
    [runner, ...request.getArgsList(), directory],
    {
      cwd: isPack ? directory : request.getPwd(),
      env: {
        ...process.env,
        ...Object.fromEntries(env),
        PULUMI_NODEJS_TYPESCRIPT: String(typescript),
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  ];
}

function requiredPackages(info: language.ProgramInfo | undefined) {
  const packages = programDependencies(programDirectory(info)).flatMap(({ plugin: needed }) =>
    needed === undefined
      ? []
      : [
          new plugin.PackageDependency()
            .setName(needed.name)
            .setKind("resource")
            .setVersion(`v${needed.version.replace(/^v/, "")}`)
            .setServer(needed.server),
        ],
  );
  return new language.GetRequiredPackagesResponse().setPackagesList(packages);
}

function programDirectory(info: language.ProgramInfo | undefined): string {
  return info?.getProgramDirectory() ?? process.cwd();
}

/** A module of the program's @pulumi/pulumi. */
function resolveSdk(module: string, directory: string): string {
  try {
    return createRequire(path.join(directory, "x")).resolve(`@pulumi/pulumi/${module}`);
  } catch {
    throw new Error(
      `@pulumi/pulumi is not installed in ${directory}: run "npm ci" in the project's folder`,
    );
  }
}

function answer<Request, Response>(
  respond: (request: Request) => Response,
): Unary<Request, Response> {
  return (call, callback) => {
    try {
      callback(null, respond(call.request));
    } catch (error) {
      callback({ code: grpc.status.UNKNOWN, details: messageOf(error) });
    }
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
