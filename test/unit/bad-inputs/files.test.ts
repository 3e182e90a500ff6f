/** Files below .lab that are cut, emptied, of another version or exchanged: nothing is lost, and the message says what to do. */
import * as fs from "node:fs";
import * as path from "node:path";
import { runningPid, stopProcess } from "../../../common/child-process";
import { UserError } from "../../../common/user-error";
import { ResourceStore } from "../../../local/arm/resource-store";
import { ensureSettings, readClientSecret, readSettings } from "../../../local/azure/settings";
import { readShipmentState } from "../../../local/backends/log-shipper/shipment-state";
import { ServerRecords } from "../../../local/backends/postgres/server-record";
import { StorageBackend } from "../../../local/backends/storage-accounts";
import { MachineRecords } from "../../../local/backends/virtual-machine/machine-record";
import { isExecutable } from "../../../local/engine/cli";
import { checkManifest } from "../../../local/image/manifest";
import { LabPaths } from "../../../local/paths";
import {
  ensureCertificateAuthority,
  ensureServerCertificate,
} from "../../../local/tls/certificate-authority";
import { tempFolder } from "../support/temp-folder";

const folder = tempFolder();
const lab = () => new LabPaths(path.join(folder(), "lab"));

function write(file: string, content: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
}

const storage = (paths: LabPaths) =>
  new StorageBackend({ paths, port: 1, tls: { key: "", cert: "" } });
/** The files that can't be made again: where they are, and what reads them. */
const FILES: readonly [string, (paths: LabPaths) => string, (paths: LabPaths) => unknown][] = [
  ["settings.json", ({ settings }) => settings, readSettings],
  ["arm.json", ({ arm }) => arm, ({ arm }) => new ResourceStore(arm)],
  [
    "storage-accounts.json",
    ({ secrets }) => path.join(secrets, "storage-accounts.json"),
    (paths) => storage(paths).start(),
  ],
  [
    "server.json",
    ({ postgres }) => path.join(postgres, "db", "server.json"),
    ({ postgres }) => new ServerRecords(postgres).state("db"),
  ],
  [
    "shipped.json",
    ({ postgres }) => path.join(postgres, "db", "shipped.json"),
    ({ postgres }) => readShipmentState(path.join(postgres, "db", "shipped.json")),
  ],
  [
    "machine.json",
    ({ virtualMachines }) => path.join(virtualMachines, "group", "vm", "machine.json"),
    ({ virtualMachines }) => new MachineRecords(virtualMachines).read("group/vm"),
  ],
];

const DAMAGES: readonly [string, string, RegExp][] = [
  ["emptied", "", /is damaged: it is empty/],
  ["cut", '{"version":1,"res', /is damaged: it isn't JSON; it may have been cut/],
  ["of another version", "[1]", /is damaged: it has other content, perhaps of another version/],
];

describe.each(FILES)("%s", (_, place, read) => {
  test.each(DAMAGES)("%s is named with what to do, and isn't changed", async (_, text, rule) => {
    const file = place(lab());
    write(file, text);
    const error: unknown = await Promise.resolve()
      .then(() => read(lab()))
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    const { message } = error as UserError;
    expect(message).toMatch(rule);
    expect(message).toContain(file);
    expect(message).toMatch(/It contains .*\. Restore it, or .*`\.\/lab (reset|down --force)`/);
    expect(fs.readFileSync(file, "utf8")).toBe(text);
  });

  test("that is a folder is named", async () => {
    const file = place(lab());
    fs.mkdirSync(file, { recursive: true });
    const reading = Promise.resolve().then(() => read(lab()));
    await expect(reading).rejects.toThrow(/can't be read: .*EISDIR[^]*Make it a file/);
  });
});

describe("a file that something else can make again", () => {
  test.each(["", "[{", "{}"])("pg-settings.json: %j counts as missing", (text) => {
    write(path.join(lab().postgres, "db", "pg-settings.json"), text);
    expect(new ServerRecords(lab().postgres).settings("db")).toBeUndefined();
  });

  test.each(["", "{", '{"key":1}'])(
    "manifest.json of an image: %j builds it again",
    async (text) => {
      write(path.join(folder(), "image", "manifest.json"), text);
      expect(await checkManifest(path.join(folder(), "image"), "key")).toMatchObject({
        state: "damaged",
      });
    },
  );

  test("the launcher of a plugin that was emptied isn't taken for the real plugin", () => {
    const file = path.join(folder(), "pulumi-resource-random");
    fs.writeFileSync(file, "", { mode: 0o755 });
    expect(isExecutable(file)).toBe(false);
  });

  test.each(["", "\n"])("the client secret: %j is made again", async (text) => {
    write(lab().clientSecret, text);
    expect(() => readClientSecret(lab())).toThrow(
      `${lab().clientSecret} is missing or empty. Clients sign in with it; \`./lab up\` makes a new one.`,
    );
    await ensureSettings(lab());
    expect(readClientSecret(lab())).toHaveLength(43);
  });
});

describe("a pid file", () => {
  const self = String(process.pid);
  test.each([
    "",
    "{",
    "null",
    // To kill(2), -1 is every process and 0 this process's group.
    '{"pid":-1}',
    '{"pid":0,"startTime":""}',
    `{"pid":${self}}`,
    `{"pid":"${self}","startTime":"1"}`,
    '{"pid":4194305}',
  ])("with %j names no process, and nothing is signalled", async (text) => {
    const file = path.join(folder(), "run", "azurite.pid");
    write(file, text);
    const kill = jest.spyOn(process, "kill").mockReturnValue(true);
    try {
      expect(runningPid(file)).toBeUndefined();
      await stopProcess(file);
      expect(kill).not.toHaveBeenCalled();
    } finally {
      kill.mockRestore();
    }
    expect(fs.existsSync(file)).toBe(false);
  });
});

describe("the certificate authority", () => {
  const damages: [string, (file: string) => void][] = [
    ["emptied", (file) => fs.truncateSync(file, 0)],
    ["cut", (file) => fs.truncateSync(file, Math.floor(fs.statSync(file).size / 2))],
    ["missing", (file) => fs.rmSync(file)],
  ];

  test.each(damages)("with a file that is %s is made again as a whole", async (_, damage) => {
    for (const place of ["caKey", "caCertificate"] as const) {
      await ensureCertificateAuthority(lab());
      damage(lab()[place]);
      expect(await ensureCertificateAuthority(lab())).toBe(true);
      expect(await ensureCertificateAuthority(lab())).toBe(false);
    }
  });

  test.each(damages)(
    "a server's certificate or key that is %s is made again",
    async (_, damage) => {
      await ensureCertificateAuthority(lab());
      for (const part of ["key", "cert"] as const) {
        const files = await ensureServerCertificate(lab(), "arm", ["localhost"]);
        damage(files[part]);
        await ensureServerCertificate(lab(), "arm", ["localhost"]);
        expect(fs.readFileSync(files.key, "utf8")).toContain("END PRIVATE KEY");
        expect(fs.readFileSync(files.cert, "utf8")).toContain("END CERTIFICATE");
      }
    },
  );
});
