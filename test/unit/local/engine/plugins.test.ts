import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { ensureEngine, findEngine } from "../../../../local/engine/engine";
import { azureNativeFromEnvironment } from "../../../../local/engine/plugins";
import { FakeMachine } from "./fake-machine";

const NAME = "pulumi-resource-azure-native";
const VERSION = "3.28.0";
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

test("LAB_AZURE_NATIVE selects the plugin; the stand-in is the default", () => {
  expect(azureNativeFromEnvironment({})).toBe("stand-in");
  expect(azureNativeFromEnvironment({ LAB_AZURE_NATIVE: "" })).toBe("stand-in");
  expect(azureNativeFromEnvironment({ LAB_AZURE_NATIVE: "real" })).toBe("real");
  expect(() => azureNativeFromEnvironment({ LAB_AZURE_NATIVE: "yes" })).toThrow(
    /'yes'; it takes stand-in or real/,
  );
});

test("a missing real plugin is an error with what to do", async () => {
  await expect(ensure("real")).rejects.toThrow(
    /real azure-native plugin 3\.28\.0 .* can't be reached from here\. Put pulumi-resource-azure-native on PATH, or .*LAB_AZURE_NATIVE=stand-in/,
  );
  expect(await findEngine(machine.lab, "real")).toBeUndefined();
});

test.each([
  ["PATH", (m: FakeMachine) => path.join(m.bin, NAME)],
  ["the user's PULUMI_HOME", (m: FakeMachine) => launcherIn(path.join(m.home, ".pulumi"))],
])("the real plugin is used from %s, and the stand-in is kept", async (_, place) => {
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

test("the real plugin is downloaded where that is possible", async () => {
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
