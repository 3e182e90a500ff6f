import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import {
  ensureSettings,
  type LabSettings,
  requireFreePorts,
} from "../../../../local/azure/settings";
import { LabPaths } from "../../../../local/paths";
import { UserError } from "../../../../common/user-error";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();

/** Listens on a port of loopback while `work` runs. */
async function whileTaken(work: (port: number) => Promise<void>): Promise<void> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await work((server.address() as net.AddressInfo).port);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

describe("the lab's settings", () => {
  test("are chosen once and then kept", async () => {
    const paths = new LabPaths(folder());
    const settings = await ensureSettings(paths);
    expect(await ensureSettings(paths)).toEqual(settings);
    const { arm, blob, packages, postgres } = settings.ports;
    expect(new Set([arm, blob, packages, postgres]).size).toBe(4);
    expect(settings.vmAddress).toMatch(/^127\.0\.0\.\d+$/);
  });

  test("keep the client secret in a separate file that only its owner can read", async () => {
    const paths = new LabPaths(folder());
    await ensureSettings(paths);
    const secret = fs.readFileSync(paths.clientSecret, "utf8");
    expect(secret.length).toBeGreaterThanOrEqual(43);
    expect(fs.statSync(paths.clientSecret).mode & 0o777).toBe(0o600);
    expect(fs.statSync(paths.secrets).mode & 0o777).toBe(0o700);
    expect(fs.readFileSync(paths.settings, "utf8")).not.toContain(secret);
    await ensureSettings(paths);
    expect(fs.readFileSync(paths.clientSecret, "utf8")).toBe(secret);
  });

  test.each(["", "{", "{}", '{"subscriptionId":"x"}'])(
    "that are damaged, %j, are an error with what to do, and are not changed",
    async (text) => {
      const paths = new LabPaths(folder());
      fs.writeFileSync(paths.settings, text);
      const problem = ensureSettings(paths);
      await expect(problem).rejects.toThrow(UserError);
      await expect(problem).rejects.toThrow(
        /settings\.json is damaged: [\s\S]*`\.\/lab down --force`/,
      );
      expect(fs.readFileSync(path.join(folder(), "settings.json"), "utf8")).toBe(text);
    },
  );
});

describe("the ports of a lab that starts", () => {
  const FREE = { arm: 0, blob: 0, packages: 0, postgres: 0 };
  const withPorts = (ports: Partial<LabSettings["ports"]>) =>
    // Loopback's last address, which no lab begins with.
    ({ ports: { ...FREE, ...ports }, vmAddress: "127.255.255.254" }) as LabSettings;

  test("are named where another program uses them, with what to do", () =>
    whileTaken(async (port) => {
      const problem = requireFreePorts(withPorts({ blob: port }), []);
      await expect(problem).rejects.toThrow(UserError);
      await expect(problem).rejects.toThrow(
        new RegExp(`127\\.0\\.0\\.1:${port} \\(blob\\)[\\s\\S]*ss -ltnp[\\s\\S]*\\./lab down`),
      );
    }));

  test("may be in use by processes of this lab", () =>
    whileTaken((port) => requireFreePorts(withPorts({ postgres: port }), ["postgres"])));

  test("are free otherwise", () => requireFreePorts(withPorts({}), []));
});
