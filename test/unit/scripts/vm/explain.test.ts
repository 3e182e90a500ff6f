import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { PROJECT_ROOT } from "../../../../local/paths";

function explain(script: string, text: string) {
  const file = path.join(PROJECT_ROOT, "scripts", "vm", script);
  const { status, stdout } = spawnSync("bash", [file], { input: text, encoding: "utf8" });
  return { status, stdout: stdout.trim() };
}

const STAYS = 0;
const CAN_HEAL = 75;

describe("what blobfuse2 logs, for people", () => {
  // The wrapper that hides every cause that the storage service names.
  const wrapper =
    "Error: failed to initialize new pipeline [failed to authenticate credentials for azstorage]";

  test.each([
    [
      "RESPONSE 404: 404 The specified container does not exist.\nERROR CODE: ContainerNotFound",
      STAYS,
      /no such container.*Create it/,
    ],
    [
      "RESPONSE 403: 403 Server failed to authenticate the request.\nERROR CODE: AuthenticationFailed",
      STAYS,
      /refused the credential.*account key/,
    ],
    ["ERROR CODE: AuthorizationFailure", STAYS, /network rules/],
    ["ERROR CODE: AuthorizationPermissionMismatch", CAN_HEAL, /Storage Blob Data Reader/],
    ["ERROR CODE: KeyBasedAuthenticationNotPermitted", STAYS, /allows no account keys/],
    ["dial tcp 10.0.2.101:443: connect: connection refused", CAN_HEAL, /Nothing listens/],
    ["dial tcp: lookup x.blob.core.windows.net: no such host", CAN_HEAL, /cannot be resolved/],
    [
      "tls: failed to verify certificate: x509: certificate signed by unknown authority",
      STAYS,
      /certificate could not be verified/,
    ],
    ["Error: mount directory is not empty", STAYS, /not empty.*Move its files/],
    ["Error: directory is already mounted", STAYS, /Unmount it/],
  ])("%s", (cause, status, expected) => {
    const result = explain("explain-mount-failure.sh", `Started the unit.\n${cause}\n${wrapper}\n`);
    expect(result.status).toBe(status);
    expect(result.stdout).toMatch(expected);
    expect(result.stdout.split("\n")).toHaveLength(1);
  });

  test("says nothing of a cause that it doesn't know", () => {
    expect(explain("explain-mount-failure.sh", "a wholly new error\n")).toEqual({
      status: 1,
      stdout: "",
    });
  });
});

describe("what psql prints, for people", () => {
  test.each([
    [
      'ERROR:  extension "pgaudit" is not allow-listed for "azure_pg_admin" users in Azure Database for PostgreSQL',
      /azure\.extensions/,
    ],
    ['ERROR:  permission denied to create extension "pgaudit"', /azure\.extensions/],
    ["ERROR:  pgaudit must be loaded via shared_preload_libraries", /restart the server/],
    [
      'psql: error: could not translate host name "x" to address: Name or service not known',
      /cannot be resolved/,
    ],
    ["psql: error: SSL error: certificate verify failed", /CA bundle/],
    ['FATAL:  password authentication failed for user "pgadmin"', /password is wrong/],
    [
      'FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "pgadmin", database "postgres", no encryption',
      /firewall/,
    ],
    ['FATAL:  database "pgbench" does not exist', /no such database/],
  ])("%s", (cause, expected) => {
    expect(explain("explain-psql-failure.sh", `${cause}\n`).stdout).toMatch(expected);
  });

  test("points to the lines above for anything else", () => {
    expect(explain("explain-psql-failure.sh", "something else\n").stdout).toContain(
      "the lines above",
    );
  });
});
