import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { type LabSettings } from "../../../../local/azure/settings";
import { writeFile, writeSecretFile } from "../../../../common/files";
import { ensureEngine, findEngine } from "../../../../local/engine/engine";
import { azureNativeFromEnvironment } from "../../../../local/engine/plugins";
import { labExports } from "../../../../local/environment";
import { FakeMachine } from "./fake-machine";

const NAME = "pulumi-resource-azure-native";
const VERSION = "3.28.0";
const SETTINGS = {
  ports: { arm: 8443, blob: 10000 },
  tenantId: "tenant",
  clientId: "client",
  subscriptionId: "subscription",
} as LabSettings;

let machine: FakeMachine;
beforeEach(() => {
  machine = new FakeMachine();
  machine.pulumi("3.231.0");
  // A closed network.
  jest.spyOn(globalThis, "fetch").mockRejectedValue(new Error("no route"));
});
afterEach(() => {
  jest.restoreAllMocks();
  machine.remove();
});

const ensure = (kind?: "real" | "stand-in") =>
  ensureEngine(machine.lab, () => undefined, undefined, kind);
const launcherIn = (home: string | undefined) =>
  path.join(home ?? "", "plugins", `resource-azure-native-v${VERSION}`, NAME);

test("LAB_AZURE_NATIVE names the plugin; the stand-in is the default", () => {
  expect(azureNativeFromEnvironment({})).toBe("stand-in");
  expect(azureNativeFromEnvironment({ LAB_AZURE_NATIVE: "" })).toBe("stand-in");
  expect(azureNativeFromEnvironment({ LAB_AZURE_NATIVE: "real" })).toBe("real");
  expect(() => azureNativeFromEnvironment({ LAB_AZURE_NATIVE: "yes" })).toThrow(
    /'yes'; it takes stand-in or real/,
  );
});

test("the real plugin that can't be had is refused, with what to do", async () => {
  await expect(ensure("real")).rejects.toThrow(
    /real azure-native plugin 3\.28\.0 .* can't be reached from here\. Put pulumi-resource-azure-native on PATH, or .*LAB_AZURE_NATIVE=stand-in/,
  );
  expect(await findEngine(machine.lab, "real")).toBeUndefined();
});

test.each([
  ["PATH", (m: FakeMachine) => path.join(m.bin, NAME)],
  ["the user's PULUMI_HOME", (m: FakeMachine) => launcherIn(path.join(m.home, ".pulumi"))],
])("the real plugin is taken from %s, beside a stand-in that stays", async (_, place) => {
  const real = machine.script(place(machine), "echo real");
  const standIn = await ensure();
  const engine = await ensure("real");
  expect(engine.plugins[0]).toMatchObject({ name: "azure-native", kind: "real", path: real });
  expect(await findEngine(machine.lab, "real")).toEqual(engine);
  const { PULUMI_HOME } = engine.environment;
  expect(execFileSync(launcherIn(PULUMI_HOME)).toString()).toBe("real\n");
  expect(PULUMI_HOME).not.toBe(standIn.environment.PULUMI_HOME);
  expect(await findEngine(machine.lab, "stand-in")).toEqual(standIn);
  const launcher = fs.readFileSync(launcherIn(standIn.environment.PULUMI_HOME), "utf8");
  expect(launcher).toContain("provider-azure-native");
});

test("it is downloaded where that is possible", async () => {
  jest.spyOn(globalThis, "fetch").mockResolvedValue(new Response());
  machine.script(
    path.join(machine.bin, "pulumi"),
    `[ "$1" = version ] && echo v3.231.0 && exit
     folder="$PULUMI_HOME/plugins/resource-$4-v$5"
     mkdir -p "$folder" && printf '#!/bin/sh\\necho downloaded' > "$folder/pulumi-resource-$4"
     chmod +x "$folder/pulumi-resource-$4"`,
  );
  const { plugins, environment } = await ensure("real");
  expect(plugins[0]).toMatchObject({ kind: "real", path: launcherIn(environment.PULUMI_HOME) });
});

describe("lab:env", () => {
  const exportsOf = async (kind: "real" | "stand-in") =>
    labExports(machine.lab, SETTINGS, await ensure(kind));

  beforeEach(() => {
    machine.script(path.join(machine.bin, NAME), "true");
    writeFile(machine.lab.caCertificate, "the lab's authority\n");
    writeSecretFile(machine.lab.clientSecret, "s3cret");
    process.env.SSL_CERT_FILE = path.join(machine.root, "system.crt");
    writeFile(process.env.SSL_CERT_FILE, "the system's authorities\n");
  });
  afterEach(() => delete process.env.SSL_CERT_FILE);

  test("gives the real plugin local Azure's address and a file of every authority", async () => {
    const lines = await exportsOf("real");
    const bundle = path.join(machine.lab.tls, "ca-bundle.crt");
    expect(lines.split("\n")).toEqual(
      expect.arrayContaining([
        "export ARM_METADATA_HOSTNAME='127.0.0.1:8443'",
        "export ARM_DISABLE_INSTANCE_DISCOVERY='true'",
        "export LAB_AZURE_NATIVE='real'",
        `export SSL_CERT_FILE='${bundle}'`,
        `export PULUMI_HOME='${machine.lab.pulumiWithRealAzureNative}'`,
        expect.stringMatching(/^unset .*ARM_USE_DEFAULT_AZURE_CREDENTIAL .*ARM_ENVIRONMENT/),
      ]),
    );
    expect(lines).not.toContain("s3cret");
    expect(fs.readFileSync(bundle, "utf8")).toBe("the system's authorities\nthe lab's authority\n");
    expect(fs.statSync(bundle).mode & 0o777).toBe(0o644);
    // Asked again in a shell that took it over, it stays as it is.
    process.env.SSL_CERT_FILE = bundle;
    await exportsOf("real");
    expect(fs.readFileSync(bundle, "utf8").match(/the lab's/g)).toHaveLength(1);
  });

  test("gives the stand-in neither", async () => {
    const lines = await exportsOf("stand-in");
    expect(lines).toContain("export LAB_AZURE_NATIVE='stand-in'");
    expect(lines).not.toContain("SSL_CERT_FILE");
  });
});
