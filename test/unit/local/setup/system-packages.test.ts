import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { UserError } from "../../../../common/user-error";
import { ensureDebianPackages } from "../../../../local/setup/system-packages";

/** A folder with replacements of the system's commands, first on PATH; each writes its arguments to `calls`. */
function commands(scripts: Record<string, string>): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "packages-"));
  for (const [name, body] of Object.entries(scripts)) {
    const file = path.join(folder, name);
    fs.writeFileSync(file, `#!/bin/sh\necho "${name} $*" >>"${folder}/calls"\n${body}\n`);
    fs.chmodSync(file, 0o755);
  }
  process.env.PATH = `${folder}:${process.env.PATH}`;
  return folder;
}

const calls = (folder: string): string => fs.readFileSync(path.join(folder, "calls"), "utf8");

describe("ensureDebianPackages", () => {
  const { PATH } = process.env;
  const said: string[] = [];
  let folder = "";

  beforeEach(() => said.splice(0));
  afterEach(() => {
    process.env.PATH = PATH;
    fs.rmSync(folder, { recursive: true, force: true });
    jest.restoreAllMocks();
  });

  const asUser = (uid: number) =>
    jest.spyOn(process, "getuid" as never).mockReturnValue(uid as never);

  it("does nothing where all are installed", async () => {
    folder = commands({ "dpkg-query": 'echo "rpm installed"', "apt-get": "exit 1" });
    await ensureDebianPackages(["rpm"], (line) => said.push(line));
    expect(said).toEqual([]);
    expect(calls(folder)).not.toContain("apt-get");
  });

  it("lists the packages where it may not install them", async () => {
    asUser(1000);
    folder = commands({
      "dpkg-query": 'echo "rpm installed"; echo "socat config-files"',
      sudo: "exit 1",
    });
    const attempt = ensureDebianPackages(["rpm", "socat", "mmdebstrap"], () => undefined);
    await expect(attempt).rejects.toThrow(UserError);
    await expect(attempt).rejects.toThrow(
      "apt-get install --no-install-recommends socat mmdebstrap",
    );
  });

  it("installs only the missing packages as root", async () => {
    asUser(0);
    folder = commands({ "dpkg-query": 'echo "rpm installed"', "apt-get": "exit 0" });
    await ensureDebianPackages(["rpm", "socat"], (line) => said.push(line));
    expect(said).toEqual(["installing socat"]);
    expect(calls(folder)).toMatch(/apt-get install .*--no-install-recommends socat$/m);
  });

  it("runs apt-get for one process at a time", async () => {
    asUser(0);
    folder = commands({
      "dpkg-query": "true",
      "apt-get": 'dir="${0%/*}"; mkdir "$dir/busy" || exit 100; sleep 0.2; rmdir "$dir/busy"',
    });
    const one = (name: string) => ensureDebianPackages([name], (line) => said.push(line));
    await Promise.all([one("rpm"), one("socat")]);
    expect(said).toContain("another process is installing packages; waiting for it");
    expect(calls(folder).match(/apt-get install/g)).toHaveLength(2);
  });

  it("shows the end of apt-get's output where it fails", async () => {
    asUser(0);
    folder = commands({
      "dpkg-query": "true",
      "apt-get": "echo 'E: Unable to locate package socat'; exit 100",
    });
    await expect(ensureDebianPackages(["socat"], () => undefined)).rejects.toThrow(
      /Unable to locate package socat\nInstall these by hand: socat/,
    );
  });
});
