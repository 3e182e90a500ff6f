import { interactivePsql, runSql } from "../../../../cli/access/psql";
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
    expect(command).toContain("--set ON_ERROR_STOP=1 'host=flexi.postgres.database.azure.com ");
    expect(command).toContain("sslmode=verify-full sslrootcert=/etc/pki/tls/certs/ca-bundle.crt'");
    expect(command).not.toContain(PASSWORD);
    expect(options?.input).toBe(`${PASSWORD}\nSELECT 'it''s'\n`);
  });

  test("at the terminal, finds the password in a file that is closed to others and goes with it", async () => {
    const { session, vm } = fakeSession("/tmp/tmp.abc\n");
    expect(await interactivePsql(vm, OUTPUTS, ["-c", "SELECT 1"])).toBe(0);
    const [write, options] = session.run.mock.calls[0] ?? [];
    expect(write).toMatch(/^umask 077;/);
    // Colons and backslashes are escaped in a password file.
    expect(options?.input).toBe("pass\\:word\\\\with'all\n");
    const [command] = session.interact.mock.calls[0] ?? [];
    expect(command).toMatch(/^trap 'rm -f \/tmp\/tmp\.abc' EXIT HUP TERM; export PGPASSFILE=/);
    expect(command).toMatch(/ -c 'SELECT 1'$/);
    expect(`${write} ${command}`).not.toContain("with'all");
  });
});
