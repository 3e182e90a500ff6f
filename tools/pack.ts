/**
 * `npm run pack -- audit [FOLDER]`: packs a workspace as a package that works without the rest of the project: its
 * sources and those of common/ in their places, and the bundle of its program.
 */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { runOrThrow } from "../common/run-command";
import { runMain } from "../common/run-main";
import { UserError } from "../common/user-error";

const ROOT = path.resolve(__dirname, "..");
const WORKSPACES = ["audit", "local"];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
}

/** @returns the path of the packed file @throws UserError for another workspace */
export async function pack(workspace: string, folder: string): Promise<string> {
  if (!WORKSPACES.includes(workspace)) {
    throw new UserError(`"${workspace}" can't be packed; name one of ${WORKSPACES.join(", ")}.`);
  }
  const stage = fs.mkdtempSync(path.join(os.tmpdir(), "pg-audit-lab-pack-"));
  try {
    await fill(stage, workspace);
    const args = ["pack", stage, "--pack-destination", folder, "--silent"];
    const { stdout } = await runOrThrow("npm", args, { what: `Packing ${workspace}` });
    return path.resolve(folder, stdout.trim());
  } finally {
    fs.rmSync(stage, { recursive: true });
  }
}

async function fill(stage: string, workspace: string): Promise<void> {
  for (const name of [workspace, "common"]) {
    fs.cpSync(path.join(ROOT, name), path.join(stage, name), {
      recursive: true,
      filter: (file) => path.basename(file) !== "node_modules",
    });
  }
  const modules = path.join(stage, "node_modules");
  fs.symlinkSync(path.join(ROOT, "node_modules"), modules);
  // The copy's own bundler: the places of the sources are relative to it.
  const bundler = (await import(path.join(stage, "common", "bundle.js"))) as {
    buildBundle(entries: unknown, folder: string): Promise<unknown>;
  };
  await bundler.buildBundle(readJson(stage, workspace, "bundle.json"), path.join(stage, "dist"));
  fs.rmSync(modules);
  for (const file of ["LICENSE", `${workspace}/README.md`]) {
    fs.copyFileSync(path.join(ROOT, file), path.join(stage, path.basename(file)));
  }
  const manifest = packedManifest(workspace, readJson(ROOT, workspace, "package.json") as Manifest);
  fs.writeFileSync(path.join(stage, "package.json"), JSON.stringify(manifest, null, 2));
}

/** The workspace's own, with the dependencies of common/. */
function packedManifest(workspace: string, manifest: Manifest): object {
  const common = readJson(ROOT, "common", "package.json") as Manifest;
  const bin = Object.entries(manifest.bin).map(([name, file]) => [name, `${workspace}/${file}`]);
  return {
    ...manifest,
    private: undefined,
    devDependencies: undefined,
    bin: Object.fromEntries(bin) as Manifest["bin"],
    dependencies: { ...common.dependencies, ...manifest.dependencies },
  };
}

const readJson = (...parts: string[]): unknown =>
  JSON.parse(fs.readFileSync(path.join(...parts), "utf8"));

if (require.main === module) {
  const [workspace = "", folder = "."] = process.argv.slice(2);
  runMain(async () => console.log(await pack(workspace, folder)));
}
