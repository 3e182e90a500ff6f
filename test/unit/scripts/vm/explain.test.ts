import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { PROJECT_ROOT } from "../../../../local/paths";

function explain(script: string, text: string) {
  const file = path.join(PROJECT_ROOT, "scripts", "vm", script);
  const { status, stdout } = spawnSync("bash", [file], { input: text, encoding: "utf8" });
  return { status, stdout: stdout.trim() };
}

const PERMANENT = 0;
const TEMPORARY = 75;
const OUTAGE = 69;

describe("the explanation of blobfuse2's log", () => {
  // blobfuse2's general message, around each cause of the storage service.
  const wrapper =
    "Error: failed to initialize new pipeline [failed to authenticate credentials for azstorage]";

  test.each([
    [
      "RESPONSE 404: 404 The specified container does not exist.\nERROR CODE: ContainerNotFound",
      PERMANENT,
      /no such container.*was deleted.*pulumi up --refresh/,
    ],
    [
      "RESPONSE 403: 403 Server failed to authenticate the request.\nERROR CODE: AuthenticationFailed",
      PERMANENT,
      /refused the credential.*key was regenerated.*pulumi up/,
    ],
    [
      "ERROR CODE: AuthenticationFailed\nSignature not valid in the specified time frame: Start [...] - Expiry [...]",
      PERMANENT,
      /SAS has ended.*writes a new SAS: pulumi up/,
    ],
    [
      "LOG_ERR [file_cache.go (994)]: FileCache::OpenFile : error downloading file from storage y=2026/PT1H.json [write /var/cache/blobfuse2/files/y=2026/PT1H.json: no space left on device]",
      PERMANENT,
      /does not fit into the cache.*Set cacheSizeMb above/,
    ],
    // Azurite's code for a wrong key.
    [
      "403 Server failed to authenticate the request. Make sure ...\nERROR CODE: AuthorizationFailure",
      PERMANENT,
      /key was regenerated/,
    ],
    ["ERROR CODE: AuthorizationFailure", PERMANENT, /network rules/],
    [
      "tls: failed to verify certificate: x509: certificate has expired or is not yet valid",
      PERMANENT,
      /expired, or this machine's clock/,
    ],
    [
      "ERROR CODE: AuthorizationPermissionMismatch",
      TEMPORARY,
      /Storage Blob Data Reader.*pulumi up --refresh/,
    ],
    [
      "ERROR CODE: KeyBasedAuthenticationNotPermitted",
      PERMANENT,
      /accepts no keys.*pulumi up --refresh/,
    ],
    [
      'GET http://169.254.169.254/metadata/identity/oauth2/token\n{"error_description":"Identity not found"}',
      TEMPORARY,
      /no managed identity yet.*pulumi up --refresh/,
    ],
    [
      "AADSTS7000215: Invalid client secret provided.",
      PERMANENT,
      /refused the service principal.*storageServicePrincipal\.clientSecret/,
    ],
    ["dial tcp 10.0.2.101:443: connect: connection refused", OUTAGE, /Nothing listens/],
    ["dial tcp: lookup x.blob.core.windows.net: no such host", OUTAGE, /cannot be resolved/],
    [
      "tls: failed to verify certificate: x509: certificate signed by unknown authority",
      PERMANENT,
      /could not be verified: its authority/,
    ],
    ["Error: mount directory is not empty", PERMANENT, /not empty.*Move its files/],
    ["Error: directory is already mounted", PERMANENT, /Unmount it/],
  ])("%s", (cause, status, expected) => {
    const result = explain("explain-mount-failure.sh", `Started the unit.\n${cause}\n${wrapper}\n`);
    expect(result.status).toBe(status);
    expect(result.stdout).toMatch(expected);
    expect(result.stdout.split("\n")).toHaveLength(1);
  });

  test("prints nothing for an unknown cause", () => {
    expect(explain("explain-mount-failure.sh", "a wholly new error\n")).toEqual({
      status: 1,
      stdout: "",
    });
  });
});

describe("diagnose-mount.sh", () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "diagnose-"));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  /** With the given journal, and a mount point that is mounted or not. */
  function diagnose(journal: string, mounted: boolean) {
    const programs = {
      findmnt: `exit ${mounted ? 0 : 1}`,
      "systemd-escape": "echo home-me.service",
      journalctl: `case "$*" in *_SYSTEMD_UNIT=blobfuse2-home-me.service*) cat ${folder}/journal ;; esac`,
    };
    for (const [name, lines] of Object.entries(programs)) {
      fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
    }
    fs.writeFileSync(path.join(folder, "journal"), journal);
    const script = path.join(PROJECT_ROOT, "scripts", "vm", "diagnose-mount.sh");
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    const { status, stdout } = spawnSync("bash", [script, folder], { encoding: "utf8", env });
    return { status, stdout: stdout.trim() };
  }

  test("names the cause from the unit's journal", () => {
    expect(diagnose("ERROR CODE: ContainerNotFound\n", false)).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^The storage account has no such container/) as unknown,
    });
  });

  test("names the journal for an unknown cause", () => {
    expect(diagnose("a wholly new error\n", false).stdout).toMatch(
      /cause is unknown: sudo journalctl -u blobfuse2-home-me\.service/,
    );
  });

  test("says nothing of a mount that can be listed, whatever the journal says", () => {
    expect(diagnose("ERROR CODE: ContainerNotFound\n", true)).toEqual({ status: 0, stdout: "" });
  });
});
