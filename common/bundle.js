/**
 * Runs a TypeScript program of this project from a bundle, which starts in a third of the time that its sources take.
 * The bundle is kept in node_modules/.cache and rebuilt when one of its sources changed.
 */
const fs = require("node:fs");
const nodeModule = require("node:module");
const path = require("node:path");

const ROOT = path.resolve(__dirname, "..");
const CACHE = path.join(ROOT, "node_modules", ".cache", "pg-audit-lab");
const AUDIT_WORKER = "audit/workers/worker.ts";

/** Large packages, and those with native code: they are loaded from node_modules by the commands that use them. */
const EXTERNAL = [
  ...[
    "@azure/*",
    "@duckdb/*",
    "@fastify/*",
    "@grpc/*",
    "@peculiar/*",
    "@pulumi/*",
    "azurite",
    "chart.js",
  ],
  ...["esbuild", "fastify", "google-protobuf", "listr2", "pg", "reflect-metadata", "ssh2", "tsx"],
];

/** @param {string} entry a source file, relative to the project's root */
async function runBundle(entry) {
  const folder = path.join(CACHE, entry.replace(/\W/g, "-"));
  if (!isFresh(folder)) await build(entry, folder).catch(fail);
  if (process.env.DEBUG) process.setSourceMapsEnabled(true);
  // Node.js 22 and later keep the compiled code too.
  nodeModule.enableCompileCache?.(path.join(CACHE, "compiled"));
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

async function build(entry, folder) {
  const esbuild = require("esbuild");
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: { main: entry, "audit-worker": AUDIT_WORKER },
    outdir: folder,
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "cjs",
    target: `node${process.versions.node}`,
    sourcemap: "linked",
    external: EXTERNAL,
    define: { AUDIT_WORKER_FILE: JSON.stringify(path.join(folder, "audit-worker.js")) },
    plugins: [KEEP_DIRNAME],
    logLevel: "silent",
  });
  // Its process would stay until this one ends.
  await esbuild.stop();
  const sources = Object.keys(metafile.inputs).filter((file) => !file.startsWith("node_modules/"));
  // A change of the lockfile may change a bundled package.
  const files = [...sources, "package-lock.json", "common/bundle.js"];
  const stamps = Object.fromEntries(files.map((file) => [file, stampOf(file)]));
  fs.mkdirSync(folder, { recursive: true });
  for (const output of outputFiles) replaceFile(output.path, output.contents);
  // Last: with it the bundle counts as built.
  replaceFile(path.join(folder, "sources.json"), JSON.stringify(stamps));
}

/** In the bundle, `__dirname` of a source is still the folder of that source, where its data files are. */
const KEEP_DIRNAME = {
  name: "keep-dirname",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
      const text = fs.readFileSync(file, "utf8");
      if (file.includes(`${path.sep}node_modules${path.sep}`) || !/\b__dirname\b/.test(text))
        return undefined;
      const folder = JSON.stringify(path.dirname(file));
      return { contents: `const __dirname = ${folder};${text}`, loader: "ts" };
    });
  },
};

/** Several processes may build at once: each file is replaced as a whole. */
function replaceFile(file, contents) {
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(temporary, contents);
  fs.renameSync(temporary, file);
}

module.exports = { runBundle };
