import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { PROJECT_ROOT } from "../../../../../local/paths";

const STAND_IN = path.join(PROJECT_ROOT, "local/backends/package-repository/stand-in/blobfuse2");

const CONFIG = `# written by the program
allow-other: true
read-only: true
logging:
  type: syslog
  level: log_warning
components:
  - libfuse
  - file_cache
  - azstorage
libfuse:
  attribute-expiration-sec: 0
  entry-expiration-sec: 30
file_cache:
  path: CACHE
  timeout-sec: 0
azstorage:
  type: block
  account-name: stlab # the account
  container: insights-logs-postgresqllogs
  endpoint: https://stlab.blob.core.windows.net
  mode: key
  account-key: "c2VjcmV0+/=="
`;

let folder: string;

/**
 * Runs the stand-in with a fake rclone that prints its arguments, or whose `lsf` fails with the given text, and with a
 * fake curl, which fails with the given text for a certificate.
 */
function mount(config: string, { lsf = "", certificate = "", options = [] as string[] } = {}) {
  const file = (name: string) => path.join(folder, name);
  fs.mkdirSync(file("cache"), { recursive: true });
  fs.mkdirSync(file("mnt"), { recursive: true });
  const rclone = `#!/bin/bash
[[ $1 != lsf ]] || { [[ -z "${lsf}" ]] || { echo "${lsf}" >&2; exit 1; }; exit 0; }
printf '%s\\n' "$@"; env | grep ^RCLONE_ | sort`;
  fs.writeFileSync(file("rclone"), rclone, { mode: 0o755 });
  fs.writeFileSync(
    file("curl"),
    `#!/bin/bash\n[[ -z "${certificate}" ]] || { echo "${certificate}" >&2; exit 60; }\n`,
    { mode: 0o755 },
  );
  // Python prints how file_cache.py would be called.
  fs.writeFileSync(
    file("python3"),
    `#!/bin/bash\nprintf '%s\\n' "$@"; env | grep ^RCLONE_ | sort`,
    {
      mode: 0o755,
    },
  );
  const script = fs
    .readFileSync(STAND_IN, "utf8")
    .replace(/^readonly RCLONE=.*$/m, `RCLONE=${file("rclone")}`);
  fs.writeFileSync(file("blobfuse2"), script);
  fs.writeFileSync(file("config.yaml"), config.replace("CACHE", file("cache")));
  const { status, stdout, stderr } = spawnSync(
    "bash",
    [
      ...[file("blobfuse2"), "mount", file("mnt"), `--config-file=${file("config.yaml")}`],
      ...["--foreground", "--disable-version-check", ...options],
    ],
    { encoding: "utf8", env: { ...process.env, PATH: `${folder}:${process.env.PATH}` } },
  );
  return { status, lines: stdout.split("\n"), stderr };
}

const UNCACHED = CONFIG.replace("  - file_cache\n", "");

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "stand-in-"));
});

afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

test("reports that it is a stand-in, and mounts the container with the timeouts of the config", () => {
  const { status, lines, stderr } = mount(UNCACHED);
  expect(status).toBe(0);
  expect(stderr).toContain("this is a stand-in");
  expect(lines).toEqual(
    expect.arrayContaining([
      "mount",
      "azure:insights-logs-postgresqllogs",
      "--read-only",
      "--allow-other",
    ]),
  );
  const options = lines.join(" ");
  expect(options).toContain("--attr-timeout 0s");
  expect(options).toContain("--dir-cache-time 30s");
});

test("passes the account key to rclone only in the environment", () => {
  const { lines } = mount(CONFIG);
  const [environment, args] = [lines, lines].map((all, index) =>
    all.filter((line) => line.startsWith("RCLONE_") === (index === 0)),
  );
  expect(environment).toContain("RCLONE_CONFIG_AZURE_KEY=c2VjcmV0+/==");
  expect(environment).toContain("RCLONE_CONFIG_AZURE_ACCOUNT=stlab");
  expect(args?.join()).not.toContain("c2VjcmV0");
});

test("passes a SAS in the container's URL", () => {
  const config = CONFIG.replace("mode: key", "mode: sas").replace(
    /account-key: .*/,
    "sas: '?sv=1&sig=a%2Bb'",
  );
  expect(mount(config).lines).toContain(
    "RCLONE_CONFIG_AZURE_SAS_URL=https://stlab.blob.core.windows.net/insights-logs-postgresqllogs?sv=1&sig=a%2Bb",
  );
});

test.each([
  ["", []],
  ["  appid: c\n", ["RCLONE_CONFIG_AZURE_MSI_CLIENT_ID=c"]],
  ["  objid: o\n", ["RCLONE_CONFIG_AZURE_MSI_OBJECT_ID=o"]],
  ["  resid: /r\n", ["RCLONE_CONFIG_AZURE_MSI_MI_RES_ID=/r"]],
])("signs in with a managed identity, with the id in %j", (id, expected) => {
  const config = CONFIG.replace(/mode: key\n.*\n/, `mode: msi\n${id}`);
  const { lines } = mount(config);
  expect(lines).toEqual(expect.arrayContaining(["RCLONE_CONFIG_AZURE_USE_MSI=true", ...expected]));
  expect(lines.filter((line) => line.includes("_MSI_"))).toEqual(expected);
});

test("signs in as a service principal at Azure's token service, with the secret in the environment only", () => {
  const config = CONFIG.replace(
    /mode: key\n.*\n/,
    "mode: spn\n  tenantid: t\n  clientid: c\n  clientsecret: hush\n",
  );
  const { lines } = mount(config);
  expect(lines).toEqual(
    expect.arrayContaining([
      "RCLONE_CONFIG_AZURE_ACCOUNT=stlab",
      "RCLONE_CONFIG_AZURE_CLIENT_ID=c",
      "RCLONE_CONFIG_AZURE_CLIENT_SECRET=hush",
      "RCLONE_CONFIG_AZURE_TENANT=t",
    ]),
  );
  expect(lines.filter((line) => line.includes("hush"))).toHaveLength(1);
});

test("with the component file_cache, rclone's mount is behind file_cache.py", () => {
  const { status, lines } = mount(CONFIG);
  expect(status).toBe(0);
  const words = lines.join(" ");
  const file = (name: string) => path.join(folder, name);
  expect(words).toContain(
    `/file_cache.py --allow-other --entry-timeout 30 --attr-timeout 0 --negative-timeout 120 ${file("mnt")} ${file("cache")} /run/blobfuse2-stand-in/`,
  );
  expect(words).toMatch(
    /rclone mount azure:insights-logs-postgresqllogs \/run\/blobfuse2-stand-in\/.* --dir-cache-time 0s --attr-timeout 0s/,
  );
});

test("without it no cache folder is needed", () => {
  fs.mkdirSync(path.join(folder, "cache"));
  fs.writeFileSync(path.join(folder, "cache", "left-over"), "");
  expect(mount(UNCACHED).status).toBe(0);
});

test("caches attributes for 120 seconds by default, as blobfuse2 does", () => {
  const config = UNCACHED.replace(/libfuse:\n.*\n.*\n/, "");
  expect(mount(config).lines.join(" ")).toContain("--attr-timeout 120s");
});

test.each([
  [
    "an unsupported key",
    CONFIG.replace("type: block", "tier: hot"),
    /does not support 'azstorage.tier'/,
  ],
  [
    "another component",
    CONFIG.replace("file_cache\n", "block_cache\n"),
    /components 'libfuse block_cache azstorage': the stand-in supports only/,
  ],
  [
    "a cache that keeps files",
    CONFIG.replace("timeout-sec: 0", "timeout-sec: 120"),
    /supports only file_cache.timeout-sec 0/,
  ],
  ["unsupported YAML", "azstorage: { mode: key }\n", /line 1: the stand-in/],
  [
    "another sign-in",
    CONFIG.replace("mode: key", "mode: azcli"),
    /invalid auth mode 'azcli'; the stand-in supports key, sas, msi and spn/,
  ],
  [
    "two ids of an identity",
    CONFIG.replace("mode: key", "mode: msi\n  appid: a\n  objid: o"),
    /mutually exclusive/,
  ],
  [
    "a service principal without a secret",
    CONFIG.replace("mode: key", "mode: spn\n  tenantid: t\n  clientid: c"),
    /Client ID, Tenant ID or Client Secret not provided/,
  ],
  [
    "a mount that can write",
    CONFIG.replace("read-only: true", "read-only: false"),
    /supports only --read-only/,
  ],
  [
    "a missing container name",
    CONFIG.replace(/ {2}container: .*\n/, ""),
    /container name not provided/,
  ],
])("refuses %s", (_what, config, message) => {
  const { status, stderr } = mount(config);
  expect(status).toBe(1);
  expect(stderr).toMatch(message);
});

test("reports a missing container as blobfuse2 does", () => {
  const { status, stderr } = mount(CONFIG, { lsf: "ERROR : error listing: directory not found" });
  expect(status).toBe(1);
  expect(stderr).toContain("ContainerNotFound");
  expect(stderr).toContain("failed to authenticate credentials for azstorage");
});

test.each([
  ["unable to get local issuer certificate", "x509: certificate signed by unknown authority"],
  ["certificate has expired", "x509: certificate has expired or is not yet valid"],
])("reports at once a certificate that can't be verified: %s", (reason, expected) => {
  const { status, stderr } = mount(CONFIG, {
    certificate: `curl: (60) SSL certificate problem: ${reason}`,
    lsf: "rclone must not be asked",
  });
  expect(status).toBe(1);
  expect(stderr).toContain(`tls: failed to verify certificate: ${expected}`);
  expect(stderr).not.toContain("rclone must not");
});

test("refuses a mount directory with files", () => {
  fs.mkdirSync(path.join(folder, "mnt"));
  fs.writeFileSync(path.join(folder, "mnt", "mine"), "");
  expect(mount(CONFIG).stderr).toContain("mount directory is not empty");
});

test("requires an empty cache, or deletes its content if allowed", () => {
  fs.mkdirSync(path.join(folder, "cache"));
  fs.writeFileSync(path.join(folder, "cache", "left-over"), "");
  expect(mount(CONFIG).stderr).toContain("temp directory not empty");
  expect(mount(CONFIG, { options: ["--cleanup-on-start"] }).status).toBe(0);
});

describe("file_cache.py", () => {
  /**
   * Runs lines of Python with a FileCache named `cache` of the folders `storage` and `local`, where `room` bytes fit into
   * the latter. They print JSON.
   */
  function python(lines: string, { blob = "", room = 1024 } = {}): unknown {
    const file = (name: string) => path.join(folder, name);
    fs.mkdirSync(file("storage/h=18"), { recursive: true });
    fs.mkdirSync(file("local"));
    fs.writeFileSync(file("storage/h=18/PT1H.json"), blob);
    // Only what FileCache itself uses of mfusepy: libfuse is on the VM.
    const libfuse =
      "class Operations: pass\nclass FuseOSError(OSError):\n  def __init__(self, number): super().__init__(number, '')\n";
    fs.writeFileSync(file("mfusepy.py"), libfuse);
    const program = `
import errno, json, os, sys
sys.path[:0] = [${JSON.stringify(folder)}, ${JSON.stringify(path.dirname(STAND_IN))}]
sys.dont_write_bytecode = True
import file_cache
written, write = [0], os.write
def limited(fd, data):
    if written[0] + len(data) > ${room}: raise OSError(errno.ENOSPC, "")
    written[0] += len(data)
    return write(fd, data)
file_cache.os.write = limited
blob, local = ${JSON.stringify(file("storage/h=18/PT1H.json"))}, ${JSON.stringify(file("local/h=18/PT1H.json"))}
cache = file_cache.FileCache(${JSON.stringify(file("storage"))}, ${JSON.stringify(file("local"))}, True)
path = "/h=18/PT1H.json"
${lines}`;
    const { stdout, stderr } = spawnSync("python3", ["-c", program], { encoding: "utf8" });
    if (stderr !== "") throw new Error(stderr);
    return JSON.parse(stdout);
  }

  test("downloads all of a blob when it is opened, and deletes the copy when it is closed", () => {
    const lines = `
handle = cache.open(path, os.O_RDONLY)
seen = [os.path.getsize(local), cache.read(path, 3, 1, handle).decode(), cache.getattr(path)["st_size"]]
cache.release(path, handle)
print(json.dumps([*seen, os.path.exists(local), cache.readdir("/h=18", None)]))`;
    expect(python(lines, { blob: "12345" })).toEqual([
      5,
      "234",
      5,
      false,
      [".", "..", "PT1H.json"],
    ]);
  });

  test("serves what was appended to the next who opens it, but the same copy while it is open", () => {
    const lines = `
first = cache.open(path, os.O_RDONLY)
with open(blob, "a") as file: file.write("new")
second = cache.open(path, os.O_RDONLY)
both = [cache.read(path, 9, 0, handle).decode() for handle in (first, second)]
for handle in (first, second): cache.release(path, handle)
third = cache.open(path, os.O_RDONLY)
print(json.dumps([*both, cache.read(path, 9, 0, third).decode()]))`;
    expect(python(lines, { blob: "old" })).toEqual(["old", "old", "oldnew"]);
  });

  test("fails with EIO to open a blob that doesn't fit into the cache, and leaves nothing there", () => {
    const lines = `
try: cache.open(path, os.O_RDONLY)
except OSError as error: print(json.dumps([errno.errorcode[error.errno], os.path.exists(local)]))`;
    expect(python(lines, { blob: "x".repeat(1025) })).toEqual(["EIO", false]);
  });
});
