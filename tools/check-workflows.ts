/** `npm run check:workflows`: actionlint over .github/workflows. One that is missing is built with Go into `.lab/tools`. */
import execa from "execa";
import * as fs from "node:fs";
import * as path from "node:path";
import { LabPaths, PROJECT_ROOT } from "../local/paths";
import { UserError } from "../common/user-error";
import { executablesOnPath } from "../local/engine/cli";
import { bringGo, findGo, goFolder } from "../local/engine/go-toolchain";
import { runCommand, tail } from "../common/run-command";

const VERSION = "v1.7.12";
const PACKAGE = `github.com/rhysd/actionlint/cmd/actionlint@${VERSION}`;
const BUILD_SECONDS = 600;

/** actionlint on PATH, else the one that was built before, else one that is built now. */
async function ensureActionlint(paths: LabPaths): Promise<string> {
  const [onPath] = executablesOnPath("actionlint");
  if (onPath !== undefined) return onPath;
  const built = path.join(paths.root, "tools", `actionlint-${VERSION}`);
  if (!fs.existsSync(built)) await build(paths, built);
  return built;
}

async function build(paths: LabPaths, executable: string): Promise<void> {
  console.log(`actionlint isn't on PATH: building ${VERSION} with Go, about a minute`);
  const { go, ours } = (await findGo(paths)) ?? (await bringGo(paths));
  const folder = `${executable}.build`;
  const { exitCode, output } = await runCommand(go, ["install", PACKAGE], {
    env: {
      GOBIN: folder,
      GOTOOLCHAIN: "local",
      CGO_ENABLED: "0",
      // The user's own Go keeps its caches where the user has them.
      ...(ours
        ? { GOPATH: folder, GOCACHE: path.join(folder, "cache"), GOFLAGS: "-modcacherw" }
        : {}),
    },
    timeoutSeconds: BUILD_SECONDS,
  });
  if (exitCode !== 0) {
    throw new UserError(
      `actionlint could not be built (go install ended with ${exitCode}).\n${tail(output)}\n` +
        `Mend what it names, or install actionlint ${VERSION} and run the command again.`,
    );
  }
  fs.renameSync(path.join(folder, "actionlint"), executable);
  fs.rmSync(folder, { recursive: true });
  if (ours) fs.rmSync(goFolder(paths), { recursive: true, force: true });
}

async function main(): Promise<void> {
  const actionlint = await ensureActionlint(new LabPaths());
  const { exitCode } = await execa(actionlint, [], {
    cwd: PROJECT_ROOT,
    stdio: "inherit",
    reject: false,
  });
  process.exitCode = exitCode;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
