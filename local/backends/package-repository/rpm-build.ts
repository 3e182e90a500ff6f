import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import execa from "execa";
import { UserError } from "../../../common/user-error";

const SPECS = path.join(__dirname, "rpm");

/** rpm macros for a build: names without the leading `%`. */
export type Macros = Readonly<Record<string, string>>;

/**
 * Builds the spec file of that name for x86_64 and returns the rpm's path, in a folder of its own below
 * `scratch`. The machine's own rpm settings don't count, so the result is the same everywhere.
 */
export async function buildRpm(spec: string, macros: Macros, scratch: string): Promise<string> {
  const top = fs.mkdtempSync(path.join(scratch, `${spec}-`));
  const all: Macros = {
    _topdir: top,
    // The payload is fetched and unpacked by an emulated machine: quick to unpack counts, size less.
    _binary_payload: "w3.zstdio",
    // Of each single file, for `rpm --verify`; MD5 spares 2 seconds, and the signature covers all by SHA-256.
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
  if (file === undefined) throw new Error(`rpmbuild left no rpm of ${spec}`);
  return path.join(rpms, file);
}

/**
 * Signs files with a key that is made for this one build and thrown away with its end, so that there is no
 * private key to guard. `sign` gets two functions: one for rpms (in place), one for a detached signature
 * (`<file>.asc`). Resolves with the public key, ASCII-armoured.
 */
export async function withSigningKey(
  sign: (key: {
    rpm(file: string): Promise<void>;
    detached(file: string): Promise<void>;
  }) => Promise<void>,
): Promise<string> {
  // gpg-agent's socket stands in this folder, and a socket's path holds 107 characters at most.
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
  const result = await execa(command, [...args], { reject: false, env: { LC_ALL: "C" } });
  if (!result.failed) return result.stdout;
  if ((result as unknown as NodeJS.ErrnoException).code === "ENOENT") {
    throw new UserError(
      `The package repository is made with ${command}, which this machine lacks. ` +
        "Install it (Debian and Ubuntu: apt-get install rpm createrepo-c gnupg) and run the command again.",
    );
  }
  const reason = result.stderr.split("\n").slice(-15).join("\n");
  throw new Error(`${command} ended with status ${result.exitCode}:\n${reason}`);
}
