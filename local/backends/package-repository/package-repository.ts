import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { withLock } from "../../../common/file-lock";
import type { Notify } from "../../../common/notify";
import { readFileIfExists, writeFile } from "../../../common/files";
import type { LabPaths } from "../../paths";
import { findBlobfuse2, type Blobfuse2Source } from "./blobfuse2-source";
import { buildTree, RCLONE } from "./build";

/** A built dnf repository, used in the lab instead of packages.microsoft.com. */
export interface PackageRepository {
  /** The folder that is served. */
  readonly root: string;
  readonly blobfuse2: "real" | "stand-in";
  /** Version and release of its blobfuse2, for example `2.5.5-0.standin`. */
  readonly version: string;
}

const LONGEST_BUILD_SECONDS = 5 * 60;

/** Written last, so a tree without it, or with other files, is incomplete or damaged. */
const manifestShape = z.object({
  key: z.string(),
  blobfuse2: z.enum(["real", "stand-in"]),
  version: z.string(),
  /** SHA-256 by path below the root. */
  files: z.record(z.string(), z.string()),
});
type Manifest = z.infer<typeof manifestShape>;

/**
 * The repository below `paths.packages`. Builds it if it is missing, damaged, or built from other inputs, in about 5
 * seconds with a download of 30 MB. LAB_BLOBFUSE2 can name a real blobfuse2 (binary or rpm).
 * @throws UserError if LAB_BLOBFUSE2 is unusable or a tool is missing
 */
export async function ensurePackageRepository(
  paths: Pick<LabPaths, "packages">,
  notify: Notify,
): Promise<PackageRepository> {
  const source = await findBlobfuse2(process.env.LAB_BLOBFUSE2);
  const { root, manifestFile } = places(paths);
  const key = inputsKey(source);

  const good = () => {
    const manifest = readManifest(manifestFile);
    return manifest?.key === key && isIntact(root, manifest) ? manifest : undefined;
  };
  const manifest =
    good() ??
    (await withBuildLock(paths, notify, async () => {
      const other = good();
      if (other) return other;
      notify(buildReason(readManifest(manifestFile), key, source));
      return build(source, key, paths.packages, root, manifestFile);
    }));
  return { root, blobfuse2: manifest.blobfuse2, version: manifest.version };
}

/** Labs may share the folder by a link, so the lock is in it. */
function withBuildLock<T>(
  { packages }: Pick<LabPaths, "packages">,
  notify: Notify,
  work: () => Promise<T>,
): Promise<T> {
  const what = "another process, which is building the package repository";
  const wait = { what, timeoutSeconds: LONGEST_BUILD_SECONDS };
  const onWait = () => notify(`waiting for ${what}`);
  return withLock(path.join(packages, "build.lock"), { ...wait, onWait }, work);
}

/** The last built repository, without a check of its files; undefined if there is none. */
export function readPackageRepository(
  paths: Pick<LabPaths, "packages">,
): PackageRepository | undefined {
  const { root, manifestFile } = places(paths);
  const manifest = readManifest(manifestFile);
  return manifest && { root, blobfuse2: manifest.blobfuse2, version: manifest.version };
}

const places = (paths: Pick<LabPaths, "packages">) => ({
  root: path.join(paths.packages, "repository"),
  manifestFile: path.join(paths.packages, "manifest.json"),
});

/** Builds in a scratch folder, and replaces the old tree at the end. Deletes the remains of an interrupted build. */
async function build(
  source: Blobfuse2Source,
  key: string,
  folder: string,
  root: string,
  manifestFile: string,
): Promise<Manifest> {
  const scratch = path.join(folder, "build");
  fs.rmSync(scratch, { recursive: true, force: true });
  const newRoot = path.join(scratch, "repository");
  fs.mkdirSync(newRoot, { recursive: true });
  const version = await buildTree(source, newRoot, scratch);
  const blobfuse2 = source.kind === "stand-in" ? source.kind : "real";
  const manifest: Manifest = { key, blobfuse2, version, files: checksums(newRoot) };
  fs.rmSync(manifestFile, { force: true });
  fs.rmSync(root, { recursive: true, force: true });
  fs.renameSync(newRoot, root);
  writeFile(manifestFile, JSON.stringify(manifest, undefined, 2));
  fs.rmSync(scratch, { recursive: true, force: true });
  return manifest;
}

function buildReason(old: Manifest | undefined, key: string, source: Blobfuse2Source): string {
  const what =
    source.kind === "stand-in"
      ? `a stand-in for blobfuse2 (rclone ${RCLONE.version}; name a real one with LAB_BLOBFUSE2)`
      : `blobfuse2 from ${source.file}`;
  const why = old?.key === key ? "its files are damaged; " : "";
  return `building the package repository: ${why}${what}`;
}

/** Changes with everything that affects the result: the named blobfuse2, rclone, and the files of this folder. */
function inputsKey(source: Blobfuse2Source): string {
  const hash = createHash("sha256").update(JSON.stringify([source.kind, source.identity, RCLONE]));
  for (const recipe of ["build.ts", "rpm-build.ts", "rpm", "stand-in"]) {
    for (const file of filesBelow(path.join(__dirname, recipe))) hash.update(fs.readFileSync(file));
  }
  return hash.digest("hex");
}

function readManifest(file: string): Manifest | undefined {
  try {
    return manifestShape.parse(JSON.parse(readFileIfExists(file) ?? "null"));
  } catch {
    return undefined;
  }
}

function isIntact(root: string, manifest: Manifest): boolean {
  return fs.existsSync(root) && sameEntries(checksums(root), manifest.files);
}

function sameEntries(a: Record<string, string>, b: Record<string, string>): boolean {
  return (
    Object.keys(a).length === Object.keys(b).length &&
    Object.entries(a).every(([name, value]) => b[name] === value)
  );
}

function checksums(root: string): Record<string, string> {
  return Object.fromEntries(
    filesBelow(root).map((file) => [
      path.relative(root, file),
      createHash("sha256").update(fs.readFileSync(file)).digest("hex"),
    ]),
  );
}

/** All files below a folder (or the file itself), in a stable order. */
function filesBelow(start: string): string[] {
  if (!fs.statSync(start).isDirectory()) return [start];
  return fs
    .readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
