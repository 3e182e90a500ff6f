import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { ensureEngine, findEngine } from "../../../../local/engine/engine";
import { FakeMachine } from "./fake-machine";

describe("the engine", () => {
  let machine: FakeMachine;
  let announced: string[];
  const notify = (line: string) => announced.push(line);
  const ensure = () => ensureEngine(machine.lab, notify);

  beforeEach(() => {
    machine = new FakeMachine();
    announced = [];
    // A closed network.
    jest.spyOn(globalThis, "fetch").mockRejectedValue(new Error("no route"));
  });
  afterEach(() => {
    jest.restoreAllMocks();
    machine.remove();
  });

  test("uses the CLI on PATH, and stand-ins for missing plugins, and reports them", async () => {
    expect(await findEngine(machine.lab)).toBeUndefined();
    const pulumi = machine.pulumi("3.231.0");
    const engine = await ensure();
    expect(engine).toMatchObject({
      pulumi,
      version: "3.231.0",
      source: "path",
      languageHost: "stand-in",
    });
    expect(engine.plugins.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "azure-native stand-in",
      "command stand-in",
      "random stand-in",
      "tls stand-in",
    ]);
    expect(announced).toHaveLength(5);
    expect(announced[2]).toBe(
      "pulumi-resource-command: stand-in (the real plugin can't be downloaded from here)",
    );
    expect(await findEngine(machine.lab)).toEqual(engine);
  });

  test("a stand-in prints its port on the first line, as the engine expects", async () => {
    machine.pulumi("3.231.0");
    const { plugins } = await ensure();
    for (const { path: executable } of plugins.filter(({ name }) => name !== "azure-native")) {
      // Without the engine's pipe on its standard input it ends at once.
      const output = execFileSync(executable, ["127.0.0.1:1"], { input: "" });
      expect(output.toString()).toMatch(/^\d+\n$/);
    }
  });

  test("builds the CLI once where two processes need it at the same time", async () => {
    machine.go();
    const engines = await Promise.all([ensure(), ensure()]);
    expect(engines.map(({ source, version }) => `${source} ${version}`)).toEqual([
      "built 3.230.0",
      "built 3.230.0",
    ]);
    expect(machine.calls()).toEqual(["go build"]);
    expect(announced).toContain("waiting for another process, which is obtaining Pulumi's CLI");
    expect(fs.readdirSync(machine.lab.engine).sort()).toEqual(["bundles", "cli"]);
  });

  test("a real plugin is used instead of a stand-in, from every place, but never azure-native", async () => {
    machine.pulumi("3.231.0");
    await ensure();
    const plugins = path.join(machine.lab.pulumi, "plugins");
    const random = machine.script(
      path.join(machine.home, ".pulumi/plugins/resource-random-v4.99.0/pulumi-resource-random"),
      "echo real random",
    );
    const command = machine.script(path.join(machine.bin, "pulumi-resource-command"), "true");
    const tls = machine.script(
      path.join(plugins, "resource-tls-v5.6.1", "pulumi-resource-tls"),
      "true",
    );
    machine.script(path.join(machine.bin, "pulumi-resource-azure-native"), "true");
    announced = [];
    const engine = await ensure();
    expect(engine.plugins).toMatchObject([
      { name: "azure-native", kind: "stand-in" },
      { name: "command", kind: "real", path: command },
      { name: "random", kind: "real", version: "4.99.0", path: random },
      { name: "tls", kind: "real", path: tls },
    ]);
    expect(announced).toHaveLength(2);
    // Pulumi looks only in the lab's plugins folder.
    const launcher = path.join(plugins, "resource-random-v4.21.2", "pulumi-resource-random");
    expect(execFileSync(launcher).toString()).toBe("real random\n");
    fs.rmSync(random);
    expect((await ensure()).plugins[2]).toMatchObject({ name: "random", kind: "stand-in" });
  });

  test("an older plugin, or one of the next major version, is not used", async () => {
    machine.pulumi("3.231.0");
    for (const version of ["4.21.1", "5.0.0"]) {
      const folder = path.join(machine.home, `.pulumi/plugins/resource-random-v${version}`);
      machine.script(path.join(folder, "pulumi-resource-random"), "true");
    }
    expect((await ensure()).plugins[2]).toMatchObject({ name: "random", kind: "stand-in" });
  });

  test("a language host next to the CLI is used", async () => {
    machine.pulumi("3.231.0");
    machine.script(path.join(machine.bin, "pulumi-language-nodejs"), "true");
    expect((await ensure()).languageHost).toBe("real");
    expect(announced.join()).not.toContain("language");
  });

  test("the environment is separate from the user's Pulumi", async () => {
    machine.pulumi("3.231.0");
    const { environment } = await ensure();
    expect(environment).toMatchObject({
      PULUMI_HOME: machine.lab.pulumi,
      PULUMI_BACKEND_URL: `file://${machine.lab.pulumiState}?metadata=skip`,
      PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
    });
    const passphrase = environment.PULUMI_CONFIG_PASSPHRASE_FILE ?? "";
    expect(fs.statSync(passphrase).mode & 0o777).toBe(0o600);
  });
});
