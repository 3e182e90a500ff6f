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

describe("two labs of a user", () => {
  const { XDG_STATE_HOME } = process.env;
  beforeEach(() => (process.env.XDG_STATE_HOME = path.join(folder(), "state")));
  afterEach(() => {
    if (XDG_STATE_HOME === undefined) delete process.env.XDG_STATE_HOME;
    else process.env.XDG_STATE_HOME = XDG_STATE_HOME;
  });

  const lab = (name: string) => new LabPaths(path.join(folder(), name));
  const placesOf = ({ ports, vmAddress }: LabSettings): readonly (string | number)[] => [
    ...Object.values(ports),
    vmAddress,
  ];
  const allPlaces = (settings: readonly LabSettings[]) => new Set(settings.flatMap(placesOf));

  test("that are set up at once choose different ports and addresses", async () => {
    const labs = ["one", "two", "three"].map(lab);
    expect(allPlaces(await Promise.all(labs.map((paths) => ensureSettings(paths)))).size).toBe(15);
  });

  test("keep their ports while nothing listens on them", async () => {
    const first = await ensureSettings(lab("one"));
    const second = await ensureSettings(lab("two"));
    expect(allPlaces([first, second]).size).toBe(10);
  });

  test("may have the ports of one that is down or whose folder was deleted", async () => {
    const { ports } = await ensureSettings(lab("one"));
    for (const place of lab("one").labState) fs.rmSync(place, { recursive: true, force: true });
    expect(fs.existsSync(lab("one").reservation)).toBe(false);
    expect((await ensureSettings(lab("two"), ports)).ports).toEqual(ports);
    fs.rmSync(lab("two").root, { recursive: true });
    expect((await ensureSettings(lab("three"), ports)).ports).toEqual(ports);
    expect(fs.existsSync(lab("two").reservation)).toBe(false);
  });

  test("are set up beside a lab with damaged settings, and without a folder for the reservations", async () => {
    await ensureSettings(lab("one"));
    fs.writeFileSync(lab("one").settings, "{");
    await ensureSettings(lab("two"));
    fs.writeFileSync(path.join(folder(), "file"), "");
    process.env.XDG_STATE_HOME = path.join(folder(), "file");
    expect(placesOf(await ensureSettings(lab("three")))).toHaveLength(5);
  });
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
