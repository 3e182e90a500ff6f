/**
 * Installs the npm packages of the whole project where they are missing or older than package-lock.json.
 * Plain JavaScript without dependencies: it runs before any package is there, on any Node.js.
 * `node common/packages.js` does it for `npm test`.
 */
const { spawnSync } = require("node:child_process");
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const ROOT = path.resolve(__dirname, "..");
const MODULES = path.join(ROOT, "node_modules");
const LOCKFILE = path.join(ROOT, "package-lock.json");
/** Holds the hash of the lockfile that node_modules was installed from. */
const STAMP = path.join(MODULES, ".pg-audit-lab-lockfile");
/** A workspace's link: an installation of the root package alone lacks it. */
const WORKSPACE = path.join(MODULES, "@pg-audit-lab", "cli");
const MINIMUM_NODE = 20;

/** @param {string} program begins the messages @returns only where all packages are there; else the process ends with 1 */
function ensurePackages(program) {
  requireNode(program);
  const reason = reasonToInstall();
  if (reason === undefined) return;
  withInstallLock(program, () => {
    // Another process may have installed them while this one waited.
    if (reasonToInstall() !== undefined) install(program, reason);
  });
}

function requireNode(program) {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= MINIMUM_NODE) return;
  fail(
    `${program}: this is Node.js ${process.versions.node}; ${MINIMUM_NODE} or later is needed, and 22 is recommended. ` +
      "Install it (https://nodejs.org), then run this again.",
  );
}

function reasonToInstall() {
  if (!fs.existsSync(WORKSPACE)) return "they are missing";
  const hash = lockfileHash();
  if (readIfExists(STAMP) === hash) return undefined;
  // Installed by hand: npm's own record is newer than the lockfile.
  const record = fs.statSync(path.join(MODULES, ".package-lock.json"), { throwIfNoEntry: false });
  if (
    readIfExists(STAMP) === undefined &&
    record &&
    record.mtimeMs >= fs.statSync(LOCKFILE).mtimeMs
  ) {
    writeStamp(hash);
    return undefined;
  }
  return "package-lock.json has changed";
}

function install(program, reason) {
  console.error(`${program}: installing npm packages, since ${reason} (about a minute)`);
  // The lockfile is removed with node_modules, so that an interrupted installation counts as missing.
  const { status, error, stdout, stderr } = spawnSync("npm", ["ci", "--no-progress"], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error && error.code === "ENOENT") {
    fail(
      `${program}: npm isn't on PATH. It comes with Node.js (https://nodejs.org); Debian has it as the package npm.`,
    );
  }
  if (status === 0) return writeStamp(lockfileHash());
  const output = `${stdout}${stderr}`.trim();
  const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i.test(
    output,
  );
  fail(
    `${program}: npm ci failed:\n${output.split("\n").slice(-10).join("\n")}\n` +
      (offline
        ? "npm can't reach its registry. Check the network and npm's settings (`npm config get registry`, `npm config get proxy`), then run this again."
        : "Fix what it names, then run this again."),
  );
}

/** Waits while another process installs; a lock whose process has ended is taken over. */
function withInstallLock(program, work) {
  const lock = path.join(ROOT, ".npm-install.lock");
  for (let waited = false; ;) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (!isRunning(Number(readIfExists(lock)))) {
      fs.rmSync(lock, { force: true });
      continue;
    }
    if (!waited)
      console.error(`${program}: waiting for another process that installs npm packages`);
    waited = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  }
  process.once("exit", () => fs.rmSync(lock, { force: true }));
  work();
  fs.rmSync(lock, { force: true });
}

function isRunning(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

function lockfileHash() {
  return crypto.createHash("sha256").update(fs.readFileSync(LOCKFILE)).digest("hex");
}

function writeStamp(hash) {
  fs.writeFileSync(STAMP, hash);
}

function readIfExists(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return undefined;
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

module.exports = { ensurePackages };

if (require.main === module) ensurePackages("npm test");
