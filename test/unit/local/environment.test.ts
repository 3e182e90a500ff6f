import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { writeFile, writeSecretFile } from "../../../common/files";
import { type LabSettings } from "../../../local/azure/settings";
import { type Engine } from "../../../local/engine/engine";
import { labExports, labUnset } from "../../../local/environment";
import { LabPaths } from "../../../local/paths";
import { tempFolder } from "../support/temp-folder";

const SETTINGS = {
  ports: { arm: 8443, blob: 10000 },
  tenantId: "tenant",
  clientId: "client",
  subscriptionId: "subscription",
} as LabSettings;

const folder = tempFolder();
let paths: LabPaths;

beforeEach(() => {
  paths = new LabPaths(path.join(folder(), "a lab"));
  writeFile(paths.caCertificate, "the lab's authority\n");
  writeSecretFile(paths.clientSecret, "s3cret");
  process.env.SSL_CERT_FILE = path.join(folder(), "system.crt");
  writeFile(process.env.SSL_CERT_FILE, "the system's authorities\n");
});
afterEach(() => delete process.env.SSL_CERT_FILE);

const engine = (
  kind: "real" | "stand-in" = "stand-in",
  source: Engine["source"] = "built",
): Engine => ({
  pulumi: path.join(paths.engine, "cli", "bin", "pulumi"),
  version: "3.230.0",
  source,
  languageHost: "stand-in",
  plugins: [{ name: "azure-native", version: "3.28.0", kind, path: "/plugin" }],
  environment: {
    PATH: "/ignored",
    PULUMI_HOME: paths.pulumi,
    PULUMI_CONFIG_PASSPHRASE_FILE: "it's",
  },
});
const exportsOf = (...args: Parameters<typeof engine>) =>
  labExports(paths, SETTINGS, engine(...args));

describe("lab env", () => {
  test("has the real plugin's variables: local Azure's address and a file with every authority", () => {
    const lines = exportsOf("real");
    const bundle = path.join(paths.tls, "ca-bundle.crt");
    expect(lines.split("\n")).toEqual(
      expect.arrayContaining([
        "export ARM_METADATA_HOSTNAME=127.0.0.1:8443",
        "export ARM_DISABLE_INSTANCE_DISCOVERY=true",
        "export LAB_AZURE_NATIVE=real",
        `export SSL_CERT_FILE='${bundle}'`,
        expect.stringMatching(/^unset .*ARM_USE_DEFAULT_AZURE_CREDENTIAL .*ARM_ENVIRONMENT/),
      ]),
    );
    expect(lines).not.toContain("s3cret");
    expect(fs.readFileSync(bundle, "utf8")).toBe("the system's authorities\nthe lab's authority\n");
    expect(fs.statSync(bundle).mode & 0o777).toBe(0o644);
    // In a shell with these variables, the file stays the same.
    process.env.SSL_CERT_FILE = bundle;
    exportsOf("real");
    expect(fs.readFileSync(bundle, "utf8").match(/the lab's/g)).toHaveLength(1);
  });

  test("has neither for the stand-in", () => {
    const lines = exportsOf();
    expect(lines).toContain("export LAB_AZURE_NATIVE=stand-in");
    expect(lines).not.toContain("export SSL_CERT_FILE");
  });
});

const SHELLS = ["bash", "dash", "zsh"].filter((shell) => !spawnSync(shell, ["-c", ":"]).error);

describe.each(SHELLS)("lab env in %s", (shell) => {
  const before = {
    PATH: "/usr/bin:/bin:/opt/a folder/bin",
    HOME: "/",
    ARM_TENANT_ID: 'a "company"\'s $tenant\nof two lines',
    ARM_ENVIRONMENT: "usgovernment",
    PULUMI_HOME: "",
  };

  /** Evaluates the texts one after the other, and returns the environment of a child process. */
  function evaluate(...texts: string[]): Record<string, string> {
    const files = texts.map((text, index) => {
      const file = path.join(folder(), `${index}.sh`);
      fs.writeFileSync(file, text);
      return `eval "$(cat '${file}')"`;
    });
    const script = ["set -eu", ...files, "env -0"].join("\n");
    const { stdout, stderr, status } = spawnSync(shell, ["-c", script], {
      env: before,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const variables = stdout.split("\0").flatMap((line): [string, string][] => {
      const end = line.indexOf("=");
      const name = line.slice(0, end);
      return end < 0 || ["_", "PWD", "OLDPWD", "SHLVL"].includes(name)
        ? []
        : [[name, line.slice(end + 1)]];
    });
    return Object.fromEntries(variables);
  }

  test("sets the lab's variables, and adds one folder to PATH", () => {
    const variables = evaluate(exportsOf());
    expect(variables).toMatchObject({
      PATH: `${paths.engine}/cli/bin:${before.PATH}`,
      ARM_TENANT_ID: "tenant",
      ARM_CLIENT_SECRET: "s3cret",
      PULUMI_HOME: paths.pulumi,
      PULUMI_CONFIG_PASSPHRASE_FILE: "it's",
    });
    expect(variables.ARM_ENVIRONMENT).toBeUndefined();
  });

  test("can be undone, also after two evaluations with other plugins", () => {
    expect(evaluate(exportsOf(), labUnset())).toEqual(before);
    expect(evaluate(exportsOf(), exportsOf("real"), exportsOf("real"), labUnset())).toEqual(before);
  });

  test("has the same result when it is evaluated twice", () => {
    expect(evaluate(exportsOf("real"), exportsOf())).toEqual(evaluate(exportsOf()));
  });

  test("can be undone after another folder was added to PATH, and when nothing was set", () => {
    const withTool = 'export PATH="/tool:$PATH"';
    expect(evaluate(exportsOf(), withTool, labUnset()).PATH).toBe(`/tool:${before.PATH}`);
    expect(evaluate(labUnset())).toEqual(before);
    expect(evaluate(exportsOf(), labUnset(), labUnset())).toEqual(before);
  });

  test("doesn't change PATH for a Pulumi CLI on PATH", () => {
    expect(evaluate(exportsOf("stand-in", "path")).PATH).toBe(before.PATH);
    expect(evaluate(exportsOf("stand-in", "path"), labUnset())).toEqual(before);
  });

  test("saves the former value of every variable that it sets", () => {
    const set = Object.keys(evaluate(exportsOf("real"))).filter((name) => !(name in before));
    const left = evaluate(exportsOf("real"), labUnset());
    expect(set.filter((name) => name in left)).toEqual([]);
  });
});
