/** `npm run check:workflows`: actionlint for .github/workflows. A missing actionlint is built with Go in `.lab/tools`. */
import execa from "execa";
import * as fs from "node:fs";
import * as path from "node:path";
import { runMain } from "../common/run-main";
import { runOrThrow } from "../common/run-command";
import { executablesOnPath } from "../local/engine/cli";
import { downloadGo, findGo, goFolder } from "../local/engine/go-toolchain";
import { LabPaths, PROJECT_ROOT } from "../local/paths";

const VERSION = "v1.7.12";
const PACKAGE = `github.com/rhysd/actionlint/cmd/actionlint@${VERSION}`;
const BUILD_SECONDS = 600;

/** actionlint on PATH, else the one that was built before, else a new build. */
async function ensureActionlint(paths: LabPaths): Promise<string> {
  const [onPath] = executablesOnPath("actionlint");
  if (onPath !== undefined) return onPath;
  const built = path.join(paths.root, "tools", `actionlint-${VERSION}`);
  if (!fs.existsSync(built)) await build(paths, built);
  return built;
}

async function build(paths: LabPaths, executable: string): Promise<void> {
  console.log(`actionlint isn't on PATH: building ${VERSION} with Go, about a minute`);
  const { go, isDownloaded } = (await findGo(paths)) ?? (await downloadGo(paths));
  const folder = `${executable}.build`;
  await runOrThrow(go, ["install", PACKAGE], {
    what: `Building actionlint ${VERSION}, which isn't on PATH`,
    env: {
      GOBIN: folder,
      GOTOOLCHAIN: "local",
      CGO_ENABLED: "0",
      // A Go that the user installed keeps its usual caches.
      ...(isDownloaded
        ? { GOPATH: folder, GOCACHE: path.join(folder, "cache"), GOFLAGS: "-modcacherw" }
        : {}),
    },
    timeoutSeconds: BUILD_SECONDS,
  });
  fs.renameSync(path.join(folder, "actionlint"), executable);
  fs.rmSync(folder, { recursive: true });
  if (isDownloaded) fs.rmSync(goFolder(paths), { recursive: true, force: true });
}

runMain(async () => {
  const actionlint = await ensureActionlint(new LabPaths());
  const { exitCode } = await execa(actionlint, [], {
    cwd: PROJECT_ROOT,
    stdio: "inherit",
    reject: false,
  });
  process.exitCode = exitCode;
});
