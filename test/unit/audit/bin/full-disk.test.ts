import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { tempFolder } from "../../support/temp-folder";
import { auditMessage, azureLine } from "../azure-lines";

const PROGRAM = path.join(__dirname, "../../../../audit/bin/pg-audit.js");
const folder = tempFolder();

/** Without the bundle, the first run would write it. */
beforeAll(() => spawnSync(PROGRAM, ["--help"]));

function writeTrail(records: number): string {
  const file = path.join(folder(), "PT1H.json");
  const line = azureLine({ message: auditMessage("READ", "SELECT", "SELECT 1") });
  fs.writeFileSync(file, `${line}\n`.repeat(records));
  return file;
}

/** Runs the reader; its files and its output can't become larger than the limit, as on a full disk. */
function auditWithin(kibibytes: number, args: readonly string[], stdout: string) {
  const script = 'ulimit -f "$1"; stdout=$2; shift 2; exec "$@" >"$stdout"';
  const argv = ["-c", script, "bash", String(kibibytes), stdout, PROGRAM, ...args];
  return spawnSync("bash", argv, { encoding: "utf8" });
}

test.each([
  ["--format", "table"],
  ["--format", "json"],
  ["--format", "csv"],
  ["--format", "raw"],
  ["--format", "json", "--threads", "2"],
  ["--summary"],
  ["--summary", "--format", "csv"],
  ["--sql", "select count(*) from audit"],
  ["--compare", "2026-11-21", "2026-11-22"],
  ["--help"],
])("%s %s: a full device is an error", (...options) => {
  const full = fs.openSync("/dev/full", "w");
  const { status, stderr } = spawnSync(PROGRAM, [...options, writeTrail(3)], {
    encoding: "utf8",
    stdio: ["ignore", full, "pipe"],
  });
  fs.closeSync(full);
  expect(stderr).toMatch(
    /^audit: The output can't be written: no space left on device \(ENOSPC\)/m,
  );
  expect(status).toBe(1);
});

test("a disk with room for a part of the last piece is an error", () => {
  // The output is one piece, of which the disk takes the beginning.
  const out = path.join(folder(), "out.json");
  const { status, stderr } = auditWithin(8, ["--format", "json", writeTrail(30)], out);
  expect(fs.statSync(out).size).toBe(8 * 1024);
  expect(stderr).toBe(
    "audit: The output can't be written: file too large (EFBIG). What was written of it is incomplete.\n",
  );
  expect(status).toBe(1);
});

test("a report that doesn't fit on the disk is an error, and the old one stays", () => {
  const report = path.join(folder(), "report.html");
  fs.writeFileSync(report, "old");
  const args = ["--html", report, "--force", writeTrail(3)];
  const { status, stderr } = auditWithin(100, args, "/dev/null");
  expect(stderr).toBe(
    `audit: --html: ${report} can't be written: file too large (EFBIG). The existing file is unchanged.\n`,
  );
  expect(status).toBe(1);
  expect(fs.readFileSync(report, "utf8")).toBe("old");
  expect(fs.readdirSync(folder()).sort()).toEqual(["PT1H.json", "report.html"]);
});

test("positions that don't fit on the disk are an error, and the old ones stay", () => {
  const positions = path.join(folder(), "positions.json");
  const run = (trail: string) => ["--since-last", positions, "--format", "raw", trail];
  const files = path.join(folder(), "trail");
  fs.mkdirSync(files);
  expect(spawnSync(PROGRAM, run(files)).status).toBe(0);
  const old = fs.readFileSync(positions, "utf8");
  for (let file = 0; file < 40; file += 1)
    fs.copyFileSync(writeTrail(1), path.join(files, `${file}.json`));
  const { status, stderr } = auditWithin(1, run(files), "/dev/null");
  expect(stderr).toContain(`--since-last: ${positions} can't be written: file too large (EFBIG).`);
  expect(stderr).toContain("the next run will show its records again");
  expect(status).toBe(1);
  expect(fs.readFileSync(positions, "utf8")).toBe(old);
});

test.each(["--html", "--parquet"])("%s: a file that exists is refused before reading", (option) => {
  const file = path.join(folder(), "file");
  fs.writeFileSync(file, "old");
  const broken = path.join(folder(), "PT1H.json");
  fs.writeFileSync(broken, '{"cut');
  const { status, stderr } = spawnSync(PROGRAM, [option, file, broken], { encoding: "utf8" });
  expect(stderr).toBe(
    `audit: ${option}: ${file} exists; add --force to replace it, or give another name.\n`,
  );
  expect(status).toBe(1);
  expect(fs.readFileSync(file, "utf8")).toBe("old");
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot("a Parquet file that doesn't fit on the disk is an error (needs root, to mount one)", () => {
  const disk = path.join(folder(), "disk");
  fs.mkdirSync(disk);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]);
  if (mounted.status !== 0) {
    console.log(`Not tested: a tmpfs can't be mounted here: ${String(mounted.stderr)}`);
    return;
  }
  try {
    const file = path.join(disk, "trail.parquet");
    fs.writeFileSync(file, "old");
    fs.writeFileSync(path.join(disk, "other"), Buffer.alloc(56 * 1024));
    const { status, stderr } = spawnSync(PROGRAM, ["--parquet", file, "--force", writeTrail(3)], {
      encoding: "utf8",
    });
    expect(stderr).toMatch(/--parquet: .*trail\.parquet can't be written: .*No space left/);
    expect(status).toBe(1);
    expect(fs.readFileSync(file, "utf8")).toBe("old");
    expect(fs.readdirSync(disk)).toEqual(["other", "trail.parquet"]);
  } finally {
    spawnSync("umount", [disk]);
  }
});
