import { asAttendee } from "../../../../cli/access/attendee";
import { interactivePsql, passwordFileLine, runSql } from "../../../../cli/access/psql";
import { type StackOutputs } from "../../../../cli/access/stack-outputs";
import { type VmSession } from "../../../../cli/access/vm-session";

const PASSWORD = "pass:word\\with'all";
const OUTPUTS = {
  ownsServer: true,
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
    stack: "dev",
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

  test("at the terminal, finds the password in a file that has no name once psql runs", async () => {
    const { session, vm } = fakeSession("/dev/shm/pg-audit-lab.abc\n");
    expect(await interactivePsql(vm, OUTPUTS, ["-U", "alice", "-c", "SELECT 1"])).toBe(0);
    const [write] = session.run.mock.calls[0] ?? [];
    expect(write).toMatch(/^umask 077;/);
    const [command] = session.interact.mock.calls[0] ?? [];
    expect(command).toBe(
      `exec 9</dev/shm/pg-audit-lab.abc && rm -f /dev/shm/pg-audit-lab.abc; ${VARIABLES} PGPASSFILE=/dev/fd/9; psql -U alice -c 'SELECT 1'`,
    );
    expect(`${write} ${command}`).not.toContain("with'all");
  });

  test("says what to do where the server refuses the administrator's password, and only there", async () => {
    const { session, vm } = fakeSession();
    const refusal = (user: string) =>
      new Error(`psql: error: FATAL:  password authentication failed for user "${user}"`);
    session.run.mockRejectedValue(refusal("pgadmin"));
    await expect(runSql(vm, OUTPUTS, "SELECT 1")).rejects.toThrow(
      /changed outside Pulumi.*: pulumi up --replace '\*\*administrator-password' --stack dev$/,
    );
    session.run.mockRejectedValue(refusal("alice"));
    await expect(runSql(vm, OUTPUTS, "SELECT 1")).rejects.toThrow(/^psql: error/);
  });

  test("signs in as an attendee, and says what to do where that one's password was changed", async () => {
    const { session, vm } = fakeSession("/dev/shm/x\n");
    const outputs = { ...OUTPUTS, attendeePasswords: { alice: "of-alice" } };
    await interactivePsql(vm, asAttendee(outputs, "alice"), []);
    const [, options] = session.run.mock.calls[0] ?? [];
    expect(options?.input).toBe("flexi.postgres.database.azure.com:*:*:alice:of-alice\n");
    expect(session.interact.mock.calls[0]?.[0]).toContain("PGUSER=alice");
    session.run.mockRejectedValue(new Error('password authentication failed for user "alice"'));
    await expect(runSql(vm, asAttendee(outputs, "alice"), "SELECT 1")).rejects.toThrow(
      /pulumi up --replace '\*\*attendees-alice' --stack dev$/,
    );
    expect(() => asAttendee(outputs, "bob")).toThrow(/no attendee 'bob'\. It has alice;/);
    expect(() => asAttendee(OUTPUTS, "constructor")).toThrow(/has no attendees\. Add constructor/);
  });

  test("explains an exit without a connection, after psql's own message", async () => {
    const { session, vm } = fakeSession("/dev/shm/x\n");
    const log = jest.spyOn(console, "error").mockReturnValue();
    session.interact.mockResolvedValue(2);
    session.run.mockImplementation(async (command) => {
      if (command.includes("mktemp")) return "/dev/shm/x\n";
      throw new Error('FATAL:  password authentication failed for user "pgadmin"');
    });
    expect(await interactivePsql(vm, OUTPUTS, [])).toBe(2);
    expect(log).toHaveBeenCalledWith(
      expect.stringContaining("--replace '**administrator-password'"),
    );
    log.mockRestore();
  });
});

test("the password file holds the administrator's password for the server, and for nobody else", () => {
  // Colons and backslashes are escaped in a password file.
  expect(passwordFileLine(OUTPUTS, OUTPUTS.serverFqdn)).toBe(
    "flexi.postgres.database.azure.com:*:*:pgadmin:pass\\:word\\\\with'all",
  );
});
