import { pollUntil } from "../../../common/poll";
import {
  attendeePasswordSql,
  attendeeRemovalSql,
  attendeeSql,
} from "../../../components/attendee-sql";
import { auditedServer, inSession, logged, logLines } from "./audited-session";

const PASSWORD = "a~Long.random_one-1";

describe.each(["15", "18"])("an attendee on PostgreSQL %s", (version) => {
  const cloud = auditedServer(version, { "pgaudit.log": "all", log_min_error_statement: "debug5" });
  const alice = { user: "alice", password: PASSWORD };
  const sql = (text: string) => inSession(cloud, text);
  const apply = (name = "alice", password = PASSWORD) =>
    sql(`BEGIN; ${attendeeSql(name)} ${attendeePasswordSql(name, password)} COMMIT`);
  const remove = (database = "pgbench", warnings?: string[]) =>
    inSession(cloud, `BEGIN; ${attendeeRemovalSql("alice")} COMMIT`, { database }, warnings);

  it("signs in with the password, and creates tables in a schema of its own", async () => {
    await apply();
    await apply();
    await inSession(cloud, "CREATE TABLE notes(t text); INSERT INTO notes VALUES ('kept')", alice);
    expect(await sql("SELECT t FROM alice.notes")).toEqual([{ t: "kept" }]);
    await expect(inSession(cloud, "SELECT 1", { ...alice, password: "other" })).rejects.toThrow(
      /password authentication failed/,
    );
    await expect(inSession(cloud, "CREATE TABLE public.t(i int)", alice)).rejects.toThrow(/denied/);
    await expect(inSession(cloud, "SET pgaudit.log = 'none'", alice)).rejects.toThrow(/denied/);
  });

  it("has a password that is in no line of the log, not even after an error", async () => {
    await expect(sql(attendeePasswordSql("nobody", PASSWORD))).rejects.toThrow(/does not exist/);
    await logged(cloud, 'role \\"nobody\\" does not exist');
    expect(logLines(cloud).filter((line) => line.includes("SCRAM-SHA-256$"))).not.toEqual([]);
    expect(logLines(cloud).filter((line) => line.includes(PASSWORD))).toEqual([]);
  });

  it("gets a new password, which ends the old one", async () => {
    await apply("alice", "another~Long.one-2");
    await expect(inSession(cloud, "SELECT 1", alice)).rejects.toThrow(/password authentication/);
    await apply();
  });

  it("leaves what it owned to the administrator, and its sessions end", async () => {
    await sql("CREATE DATABASE second");
    await inSession(cloud, `${attendeeSql("alice")}`, { database: "second" });
    const session = inSession(cloud, "SELECT pg_sleep(60)", alice);
    const ended = expect(session).rejects.toThrow(/terminat/);
    const sleeps = "SELECT FROM pg_stat_activity WHERE usename = 'alice' AND state = 'active'";
    await pollUntil(async () => (await sql(sleeps)).length > 0, {
      what: "alice's statement to run",
      timeoutSeconds: 20,
    });
    const warnings: string[] = [];
    await remove("pgbench", warnings);
    await ended;
    expect(warnings).toEqual([expect.stringMatching(/alice can't sign in any more/)]);
    await remove("second", warnings);
    await remove("second", warnings);
    expect(warnings).toHaveLength(1);
    expect(await sql("SELECT FROM pg_roles WHERE rolname = 'alice'")).toEqual([]);
    expect(await sql("SELECT t FROM alice.notes")).toEqual([{ t: "kept" }]);
  });

  it("isn't a role that somebody else created: that one keeps its password and stays", async () => {
    await sql("CREATE ROLE alice");
    await expect(apply()).rejects.toThrow(/role alice exists, and isn't the lab's/);
    await remove();
    expect(await sql("SELECT FROM pg_roles WHERE rolname = 'alice'")).toHaveLength(1);
  });
});
