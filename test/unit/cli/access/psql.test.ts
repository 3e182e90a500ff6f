import { interactivePsql, passwordFileLine, runSql } from "../../../../cli/access/psql";
import { type StackOutputs } from "../../../../cli/access/stack-outputs";
import { type VmSession } from "../../../../cli/access/vm-session";

const PASSWORD = "pass:word\\with'all";
const OUTPUTS = {
  serverFqdn: "flexi.postgres.database.azure.com",
  databaseName: "pgbench",
  administratorLogin: "pgadmin",
  administratorPassword: PASSWORD,
  caBundle: "/etc/pki/tls/certs/ca-bundle.crt",
} as StackOutputs;

const VARIABLES =
  "export PGHOST=flexi.postgres.database.azure.com PGDATABASE=pgbench PGUSER=pgadmin " +
  "PGSSLMODE=verify-full PGSSLROOTCERT=/etc/pki/tls/certs/ca-bundle.crt";

/** A session that records what it is asked to run. */
function fakeSession(answer = "") {
  const session = {
    run: jest.fn(async (_command: string, _options?: { input?: string }) => answer),
    interact: jest.fn(async (_command?: string) => 0),
  };
  return { session, vm: session as unknown as VmSession };
}

describe("psql on the VM", () => {
  test("gets the password by standard input, before the SQL, and verifies the server", async () => {
    const { session, vm } = fakeSession("done\n");
    expect(await runSql(vm, OUTPUTS, "SELECT 'it''s'")).toBe("done\n");
    const [command, options] = session.run.mock.calls[0] ?? [];
    expect(command).toContain(VARIABLES);
    expect(command).not.toContain(PASSWORD);
    expect(options?.input).toBe(`${PASSWORD}\nSELECT 'it''s'\n`);
  });

  test("at the terminal, finds the password in a file of its own, which is removed with it", async () => {
    const { session, vm } = fakeSession("/tmp/tmp.abc\n");
    expect(await interactivePsql(vm, OUTPUTS, ["-U", "alice", "-c", "SELECT 1"])).toBe(0);
    const [write] = session.run.mock.calls[0] ?? [];
    expect(write).toMatch(/^umask 077;/);
    const [command] = session.interact.mock.calls[0] ?? [];
    expect(command).toBe(
      `trap 'rm -f /tmp/tmp.abc' EXIT HUP TERM; ${VARIABLES} PGPASSFILE=/tmp/tmp.abc; psql -U alice -c 'SELECT 1'`,
    );
    expect(`${write} ${command}`).not.toContain("with'all");
  });
});

test("the password file holds the administrator's password for the server, and for nobody else", () => {
  // Colons and backslashes are escaped in a password file.
  expect(passwordFileLine(OUTPUTS, OUTPUTS.serverFqdn)).toBe(
    "flexi.postgres.database.azure.com:*:*:pgadmin:pass\\:word\\\\with'all",
  );
});
