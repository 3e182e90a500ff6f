import * as fs from "node:fs";
import * as path from "node:path";
import { withLock } from "../../../common/file-lock";
import { type Notify } from "../../../common/notify";
import { runOrThrow } from "../../../common/run-command";
import { readArchive } from "../../image/apt-sources";
import { checkManifest, sha256Of, writeManifest } from "../../image/manifest";
import { type LabPaths } from "../../paths";
import { postgresUser } from "./os-user";

/** PostgreSQL's major versions, by the Debian release that has each with pgAudit, pg_cron and pgextwlist. */
const SUITES = { "15": "bookworm", "17": "trixie", "18": "forky" } as const;

export type MajorVersion = keyof typeof SUITES;
export const MAJOR_VERSIONS = Object.keys(SUITES) as MajorVersion[];
export const isMajorVersion = (version: string): version is MajorVersion => version in SUITES;
/** Azure's, and the program's. */
export const DEFAULT_VERSION: MajorVersion = "17";

const LIBRARIES = "usr/lib/x86_64-linux-gnu";
const LONGEST_BUILD_SECONDS = 15 * 60;

const packagesOf = (version: MajorVersion): string[] =>
  ["", "-pgaudit", "-cron", "-pgextwlist"].map((part) => `postgresql-${version}${part}`);

/** The folder of a version's programs, in the folder of its build. */
export const programFolder = (build: string, version: MajorVersion): string =>
  path.join(build, "usr/lib/postgresql", version, "bin");

/** The file of a library that PostgreSQL can load. */
export const libraryFile = (build: string, version: MajorVersion, library: string): string =>
  path.join(build, "usr/lib/postgresql", version, "lib", `${library}.so`);

export const serverBuildFolder = (paths: LabPaths, version: MajorVersion): string =>
  path.join(paths.postgresBuilds, version);

/**
 * The folder with a PostgreSQL server, downloaded where it is missing: Debian's packages with all libraries that they need, so
 * that every version runs on every host. Its programs load their own C library, from where the server's user sees them.
 * It takes about 20 s. @throws UserError where a command fails
 */
export async function ensureServerBuild(
  paths: LabPaths,
  version: MajorVersion,
  notify: Notify,
  signal?: AbortSignal,
): Promise<string> {
  const folder = serverBuildFolder(paths, version);
  const place = postgresUser().placeOfPrograms(folder);
  const key = sha256Of(SUITES[version], LIBRARIES, place, ...packagesOf(version));
  const isGood = async () => (await checkManifest(folder, key)).state === "good";
  if (await isGood()) return folder;
  const what = `another process, which is downloading PostgreSQL ${version}`;
  await withLock(
    `${folder}.lock`,
    {
      ...{ what, timeoutSeconds: LONGEST_BUILD_SECONDS, signal },
      onWait: () => notify(`waiting for ${what}`),
    },
    async () => {
      if (await isGood()) return;
      notify(`downloading PostgreSQL ${version} from Debian ${SUITES[version]}`);
      const unfinished = `${folder}.unfinished`;
      fs.rmSync(unfinished, { recursive: true, force: true });
      fs.mkdirSync(unfinished, { recursive: true });
      await extract(unfinished, version, path.join(paths.logs, "postgresql.log"), signal);
      const programs = ["initdb", "postgres"].map((name) =>
        path.join(programFolder("", version), name),
      );
      await relocate(unfinished, place, programs);
      await writeManifest(unfinished, key, programs);
      fs.rmSync(folder, { recursive: true, force: true });
      fs.renameSync(unfinished, folder);
    },
  );
  return folder;
}

/** Extracts the packages without installing them; without LLVM, since just-in-time compilation is off on Azure. */
async function extract(
  folder: string,
  version: MajorVersion,
  logFile: string,
  signal?: AbortSignal,
): Promise<void> {
  const tar = path.join(folder, "packages.tar");
  const suite = SUITES[version];
  await runOrThrow(
    "mmdebstrap",
    [
      ...["--mode=unshare", "--variant=extract", "--components=main"],
      // Debian 12's packages have libraries in /lib too; with this, all are in /usr/lib.
      "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
      `--include=${packagesOf(version).join(",")}`,
      `--aptopt=APT::Install-Recommends "false"`,
      // A mirror's copy of Debian's next release may be older than its file allows; its signature is still verified.
      `--aptopt=Acquire::Check-Valid-Until "false"`,
      ...[suite, tar, "-"],
    ],
    { what: `Downloading PostgreSQL ${version}`, logFile, input: readArchive(suite), signal },
  );
  await runOrThrow(
    "tar",
    [
      ...["-xf", tar, "-C", folder, "--no-same-owner", "--wildcards"],
      ...["--exclude=*llvm*", "--exclude=*libLLVM*", "--exclude=*/perl*"],
      ...["usr/lib/postgresql", LIBRARIES, "usr/share/postgresql"].map((name) => `./${name}`),
    ],
    { what: `Extracting PostgreSQL ${version}`, logFile, signal },
  );
  fs.rmSync(tar);
}

/** Lets programs load the libraries beside them, wherever the folder is. The loader itself needs an absolute path. */
async function relocate(folder: string, place: string, programs: readonly string[]): Promise<void> {
  const loader = path.join(place, LIBRARIES, "ld-linux-x86-64.so.2");
  const search = `$ORIGIN/${path.relative(path.dirname(programs[0] ?? ""), LIBRARIES)}`;
  const files = programs.map((program) => path.join(folder, program));
  await runOrThrow(
    "patchelf",
    ["--set-interpreter", loader, "--force-rpath", "--set-rpath", search, ...files],
    { what: "Relocating PostgreSQL's programs" },
  );
}
