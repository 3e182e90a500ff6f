import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import execa from "execa";
import { runOrThrow } from "../../../common/run-command";

const SPECS = path.join(__dirname, "rpm");

/** rpm macros, by name without the leading `%`. */
export type Macros = Readonly<Record<string, string>>;

/**
 * Builds the spec file of that name for x86_64, in a new folder below `scratch`, and returns the rpm's path. The macros
 * override the rpm settings of the machine, so that the result is the same everywhere.
 */
export async function buildRpm(spec: string, macros: Macros, scratch: string): Promise<string> {
  const top = fs.mkdtempSync(path.join(scratch, `${spec}-`));
  const all: Macros = {
    _topdir: top,
    // An emulated machine unpacks the payload: speed matters more than size.
    _binary_payload: "w3.zstdio",
    // MD5 of each file, for `rpm --verify`, saves 2 seconds; the signature covers everything with SHA-256.
    _binary_filedigest_algorithm: "1",
    _build_id_links: "none",
    __os_install_post: "%{nil}",
    debug_package: "%{nil}",
    _buildhost: "pg-audit-lab",
    ...macros,
  };
  await run("rpmbuild", [
    ...["-bb", "--quiet", "--target", "x86_64-linux"],
    ...Object.entries(all).flatMap(([name, value]) => ["--define", `${name} ${value}`]),
    path.join(SPECS, `${spec}.spec`),
  ]);
  const rpms = path.join(top, "RPMS");
  const [file] = (fs.readdirSync(rpms, { recursive: true }) as string[]).filter((name) =>
    name.endsWith(".rpm"),
  );
  if (file === undefined) throw new Error(`rpmbuild created no rpm of ${spec}`);
  return path.join(rpms, file);
}

/**
 * Signs files with a key that is generated for this build and then deleted, so that no private key must be protected.
 * `sign` receives two functions: one signs rpms in place, one creates a detached signature (`<file>.asc`).
 * @returns the public key, ASCII-armoured
 */
export async function withSigningKey(
  sign: (key: {
    rpm(file: string): Promise<void>;
    detached(file: string): Promise<void>;
  }) => Promise<void>,
): Promise<string> {
  // gpg-agent creates its socket in this folder, and the path of a socket has at most 107 characters.
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "pg-audit-lab-gpg-"));
  const name = "PostgreSQL audit lab package repository";
  const gpg = (args: readonly string[]) => run("gpg", ["--homedir", home, "--batch", ...args]);
  try {
    await gpg(["--passphrase", "", "--quick-generate-key", name, "rsa3072", "sign", "never"]);
    await sign({
      rpm: async (file) => {
        const macros = { _gpg_name: name, _gpg_path: home, __gpg: "/usr/bin/gpg" };
        const defines = Object.entries(macros).flatMap(([key, value]) => [
          "--define",
          `${key} ${value}`,
        ]);
        await run("rpmsign", ["--resign", ...defines, file]);
      },
      detached: async (file) => {
        await gpg(["--yes", "--armor", "--detach-sign", "--output", `${file}.asc`, file]);
      },
    });
    return await gpg(["--armor", "--export", name]);
  } finally {
    await execa("gpgconf", ["--homedir", home, "--kill", "all"], { reject: false });
    fs.rmSync(home, { recursive: true, force: true });
  }
}

/** Runs a tool of the system and returns its standard output. */
export async function run(command: string, args: readonly string[]): Promise<string> {
  const what =
    "The package repository can't be built (Debian and Ubuntu: apt-get install rpm createrepo-c gnupg)";
  const { stdout } = await runOrThrow(command, args, { what, env: { LC_ALL: "C" } });
  return stdout;
}
