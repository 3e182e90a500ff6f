/**
 * Runs a TypeScript program of this project from a bundle, which starts in a third of the time that its sources take.
 * A packed workspace (tools/pack.ts) contains its bundle, in `dist`. Otherwise the bundle is kept in the workspace's
 * node_modules/.cache, and rebuilt when one of its sources changed.
 */
const fs = require("node:fs");
const nodeModule = require("node:module");
const path = require("node:path");

const ROOT = path.resolve(__dirname, "..");

/** Large packages, and those with native code: they are loaded from node_modules by the commands that use them. */
const EXTERNAL = [
  ...["@azure/*", "@duckdb/*", "@fastify/*", "@grpc/*", "@peculiar/*", "@pulumi/*"],
  ...["azurite", "chart.js", "esbuild", "fastify", "google-protobuf", "jsonc-parser"],
  ...["listr2", "open", "pg", "reflect-metadata", "ssh2", "tsx", "yaml"],
];

/**
 * @param entries source files, relative to the project's root, by the names of their bundles: `main` is run, and finds
 *   the others in the folder BUNDLE_FOLDER
 */
async function runBundle(entries) {
  let folder = path.join(ROOT, "dist");
  if (!fs.existsSync(folder)) {
    // In the program's own package, from where its dependencies are found.
    const [workspace] = entries.main.split("/");
    const cache = path.join(ROOT, workspace, "node_modules", ".cache", "pg-audit-lab");
    folder = path.join(cache, "bundle");
    if (!isFresh(folder)) await rebuild(entries, folder).catch(fail);
    // Node.js 22 and later keep the compiled code too.
    nodeModule.enableCompileCache?.(path.join(cache, "compiled"));
  }
  if (process.env.DEBUG) process.setSourceMapsEnabled(true);
  require(path.join(folder, "main.js"));
}

/** A source that doesn't compile, or a cache that can't be written. */
function fail(error) {
  console.error(`The program could not be bundled: ${error.message}`);
  process.exit(1);
}

/** Whether every source is as it was when the bundle was built. */
function isFresh(folder) {
  try {
    const sources = JSON.parse(fs.readFileSync(path.join(folder, "sources.json"), "utf8"));
    return Object.entries(sources).every(([file, stamp]) => stampOf(file) === stamp);
  } catch {
    return false;
  }
}

function stampOf(file) {
  const { mtimeMs, size } = fs.statSync(path.join(ROOT, file));
  return `${mtimeMs} ${size}`;
}

async function rebuild(entries, folder) {
  const sources = await buildBundle(entries, folder);
  // A change of the lockfile may change a bundled package.
  const files = [...sources, "package-lock.json", "common/bundle.js"];
  const stamps = Object.fromEntries(files.map((file) => [file, stampOf(file)]));
  // Last: with it the bundle counts as built.
  replaceFile(path.join(folder, "sources.json"), JSON.stringify(stamps));
}

/** Writes the bundles into the folder, and returns their sources, relative to the project's root. */
async function buildBundle(entries, folder) {
  const esbuild = require("esbuild");
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: entries,
    outdir: folder,
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    sourcemap: "linked",
    external: EXTERNAL,
    banner: { js: "const BUNDLE_FOLDER = __dirname;" },
    plugins: [keepDirname(folder)],
    logLevel: "silent",
  });
  // Its process would stay until this one ends.
  await esbuild.stop();
  fs.mkdirSync(folder, { recursive: true });
  for (const output of outputFiles) replaceFile(output.path, output.contents);
  return Object.keys(metafile.inputs).filter((file) => !file.includes("node_modules/"));
}

/** In the bundle, `__dirname` of a source is still the folder of that source, where its data files are. */
const keepDirname = (bundle) => ({
  name: "keep-dirname",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
      const text = fs.readFileSync(file, "utf8");
      const isDependency = path.relative(ROOT, file).includes("node_modules");
      if (isDependency || !/\b__dirname\b/.test(text)) return undefined;
      const folder = JSON.stringify(path.relative(bundle, path.dirname(file)));
      const dirname = `const __dirname = require("node:path").join(BUNDLE_FOLDER, ${folder});`;
      return { contents: dirname + text, loader: "ts" };
    });
  },
});

/** Several processes may build at once: each file is replaced as a whole. */
function replaceFile(file, contents) {
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(temporary, contents);
  fs.renameSync(temporary, file);
}

module.exports = { buildBundle, runBundle };
