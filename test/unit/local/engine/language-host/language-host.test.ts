import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as grpc from "@grpc/grpc-js";
import {
  LanguageRuntimeClient,
  LanguageRuntimeService,
} from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { pollUntil } from "../../../../../common/poll";
import { listenOnLoopback } from "../../../../../local/plugin-process";
import { LanguageHost } from "../../../../../local/engine/language-host/language-host";
import { parseRuntimeOptions } from "../../../../../local/engine/language-host/program";

describe("the Node.js language host", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "host-"));
  const host = new LanguageHost("127.0.0.1:1");
  let server: grpc.Server;
  let client: LanguageRuntimeClient;

  const write = (file: string, content: unknown) => {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    const text = typeof content === "string" ? content : JSON.stringify(content);
    fs.writeFileSync(path.join(folder, file), text);
  };
  const info = (options: Record<string, JavaScriptValue> = {}) =>
    new language.ProgramInfo()
      .setRootDirectory(folder)
      .setProgramDirectory(folder)
      .setEntryPoint(".")
      .setOptions(Struct.fromJavaScript(options));
  const run = (request: language.RunRequest) =>
    new Promise<language.RunResponse>((resolve, reject) =>
      client.run(request, (error, response) => (error ? reject(error) : resolve(response))),
    );

  beforeAll(async () => {
    write("package.json", { dependencies: { "@pulumi/x": "1", plain: "2", missing: "3" } });
    write("node_modules/@pulumi/x/package.json", { version: "1.2.3", pulumi: { resource: true } });
    write("node_modules/plain/package.json", { version: "2.0.0" });
    const listening = await listenOnLoopback([
      { definition: LanguageRuntimeService, implementation: host.implementation() },
    ]);
    server = listening.server;
    client = new LanguageRuntimeClient(
      `127.0.0.1:${listening.port}`,
      grpc.credentials.createInsecure(),
    );
  });
  afterAll(() => {
    client.close();
    server.forceShutdown();
    fs.rmSync(folder, { recursive: true });
  });

  test("names the provider plugins that the program's packages need", async () => {
    const response = await new Promise<language.GetRequiredPackagesResponse>((resolve, reject) =>
      client.getRequiredPackages(
        new language.GetRequiredPackagesRequest().setInfo(info()),
        (error, value) => (error ? reject(error) : resolve(value)),
      ),
    );
    expect(response.toObject().packagesList).toMatchObject([
      { name: "x", kind: "resource", version: "v1.2.3" },
    ]);
  });

  test("lists the installed packages", async () => {
    const response = await new Promise<language.GetProgramDependenciesResponse>((resolve, reject) =>
      client.getProgramDependencies(
        new language.GetProgramDependenciesRequest().setInfo(info()),
        (error, value) => (error ? reject(error) : resolve(value)),
      ),
    );
    expect(response.toObject().dependenciesList).toEqual([
      { name: "@pulumi/x", version: "1.2.3" },
      { name: "plain", version: "2.0.0" },
    ]);
  });

  describe("run", () => {
    const request = () =>
      new language.RunRequest()
        .setInfo(info({ nodeargs: "--no-warnings", tsconfig: "tsconfig.lab.json" }))
        .setProject("p")
        .setStack("s")
        .setPwd(folder)
        .setMonitorAddress("127.0.0.1:2")
        .setParallel(4)
        .setDryrun(true)
        .setConfigsecretkeysList(["p:password"]);
    /** A replacement of the SDK's runner. */
    const runner = (code: string) => {
      write("node_modules/@pulumi/pulumi/cmd/run/index.js", code);
      write("node_modules/@pulumi/pulumi/package.json", { version: "3.230.0" });
    };

    test("reports what to do where the SDK isn't installed", async () => {
      const empty = fs.mkdtempSync(path.join(os.tmpdir(), "host-empty-"));
      const message = request().setInfo(info().setProgramDirectory(empty));
      expect((await run(message)).getError()).toMatch(/@pulumi\/pulumi is not installed.*npm ci/);
      fs.rmdirSync(empty);
    });

    test("passes everything on to the SDK's runner", async () => {
      runner(`require("fs").writeFileSync("called.json", JSON.stringify({
        args: process.argv.slice(2), node: process.execArgv, cwd: process.cwd(), env: process.env }))`);
      const message = request();
      message.getConfigMap().set("p:key", "value");
      const response = await run(message);
      expect(response.toObject()).toEqual({ error: "", bail: false });
      const called = JSON.parse(fs.readFileSync(path.join(folder, "called.json"), "utf8")) as {
        args: string[];
        node: string[];
        cwd: string;
        env: Record<string, string>;
      };
      expect(called.args.join(" ")).toContain(
        "--monitor 127.0.0.1:2 --engine 127.0.0.1:1 --project p --stack s",
      );
      expect(called.args.slice(-2)).toEqual(["--dry-run", "."]);
      expect(called.node).toEqual(["--no-warnings"]);
      expect(called.env).toMatchObject({
        PULUMI_CONFIG: '{"p:key":"value"}',
        PULUMI_CONFIG_SECRET_KEYS: '["p:password"]',
        PULUMI_NODEJS_TYPESCRIPT: "true",
        PULUMI_NODEJS_TSCONFIG_PATH: "tsconfig.lab.json",
      });
    });

    test("exit code 32 means that the error was shown already, another code doesn't", async () => {
      runner("process.exit(32)");
      expect((await run(request())).toObject()).toEqual({ error: "", bail: true });
      runner("process.exit(3)");
      expect((await run(request())).getError()).toBe("the program ended with exit code 3");
    });

    test("cancelling ends the program", async () => {
      runner(`require("fs").writeFileSync("started", ""); setInterval(() => {}, 1000)`);
      const ended = run(request());
      const started = () => fs.existsSync(path.join(folder, "started"));
      await pollUntil(started, { what: "the program to start", timeoutSeconds: 10 });
      host.cancel();
      expect((await ended).getError()).toBe("the program ended with SIGTERM");
    });
  });

  test.each([
    [{ typescript: "yes" }, "runtime.options.typescript"],
    [{ tsconfig: 3 }, "runtime.options.tsconfig"],
    [{ nodeargs: [1] }, "runtime.options.nodeargs"],
  ])("the error about runtime options %j names the option", (options, name) => {
    expect(() => parseRuntimeOptions(options)).toThrow(name);
  });
});
