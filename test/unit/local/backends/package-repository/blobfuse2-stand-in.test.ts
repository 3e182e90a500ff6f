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
  const script = fs.readFileSync(STAND_IN, "utf8");
  fs.writeFileSync(
    file("blobfuse2"),
    script.replace(/^readonly RCLONE=.*$/m, `RCLONE=${file("rclone")}`),
  );
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

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "stand-in-"));
});

afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

test("reports that it is a stand-in, and mounts the container with the timeouts of the config", () => {
  const { status, lines, stderr } = mount(CONFIG);
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

test("caches attributes for 120 seconds by default, as blobfuse2 does", () => {
  const config = CONFIG.replace(/libfuse:\n.*\n.*\n/, "");
  expect(mount(config).lines.join(" ")).toContain("--attr-timeout 120s");
});

test.each([
  [
    "an unsupported key",
    CONFIG.replace("type: block", "tier: hot"),
    /does not support 'azstorage.tier'/,
  ],
  ["unsupported YAML", "azstorage: { mode: key }\n", /line 1: the stand-in/],
  [
    "Entra ID",
    CONFIG.replace("mode: key", "mode: msi"),
    /mode 'msi': the stand-in supports only key and sas, not Entra ID/,
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
