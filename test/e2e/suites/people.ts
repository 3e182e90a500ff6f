import { type LogRecord } from "../../../audit/record";
import { pollUntil } from "../../../common/poll";
import { shellQuote } from "../../../common/shell-quote";
import { updateWith } from "../configuration-change";
import { pulumi, run, sql, status, succeed } from "../lab-driver";

const as = (attendee: string, statement: string): string =>
  `./lab psql --as ${attendee} -XAtc ${shellQuote(statement)}`;

/** pgAudit's records of the last minutes: `OBJECT ann INSERT ann.notes`. */
const trail = async (): Promise<string[]> =>
  (await succeed("./lab audit --since 10m --kind audit --format json"))
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as LogRecord)
    .map((record) =>
      [record.audit_type, record.user_name, record.command, record.object_name].join(" "),
    );

/** Audited relations, settings of a role and attendees, which come and go by the configuration. */
export function auditsPeopleByObject(): void {
  describe("attendees and audited objects", () => {
    const CONFIGURATION = `  pg-audit-lab:attendees: [ann, ben]
  pg-audit-lab:serverParameters: { "pgaudit.log": "ROLE" }
  pg-audit-lab:audit:
    objects: [{ relations: [public.listed, "ann.*"] }]
    roles: { ben: { pgaudit.log: DDL } }`;

    it("are created by an update, and a second one changes nothing", async () => {
      await sql("CREATE TABLE public.listed(id int); CREATE TABLE public.unlisted(id int)");
      const steps = await updateWith("people", CONFIGURATION);
      expect(steps).toEqual(
        expect.arrayContaining([
          "create attendees-ann-user",
          "create object-auditing",
          "create postgres-pgaudit-role",
          "update postgres-pgaudit-log",
        ]),
      );
      expect(steps.filter((step) => /^(replace|delete)/.test(step))).toEqual([]);
    });

    it("leave records that name people, of the named relations and of later tables", async () => {
      await succeed(as("ann", "CREATE TABLE notes(t text); INSERT INTO notes VALUES ('of ann')"));
      await succeed(as("ben", "CREATE TABLE own(i int); INSERT INTO own VALUES (1)"));
      await sql("SELECT * FROM public.unlisted; SELECT * FROM public.listed");
      const records = await pollUntil(
        async () => {
          const found = await trail();
          return found.includes("OBJECT pgadmin SELECT public.listed") && found;
        },
        { what: "the record of the last statement", timeoutSeconds: 60 },
      );
      expect(records).toEqual(
        expect.arrayContaining(["OBJECT ann INSERT ann.notes", "SESSION ben CREATE TABLE ben.own"]),
      );
      expect(records.filter((line) => /public\.unlisted|ben INSERT/.test(line))).toEqual([
        expect.stringMatching(/CREATE TABLE public\.unlisted$/),
      ]);
      const { exitCode, all } = await run(as("nobody", "SELECT 1"));
      expect([exitCode, all]).toEqual([1, expect.stringContaining("It has ann, ben")]);
    });

    it("are joined by settings that somebody else made, which status reports", async () => {
      await sql("ALTER ROLE ann SET pgaudit.log = 'none'");
      expect(JSON.stringify(await status())).toMatch(/role ann: pgaudit\.log is 'none'/);
    });

    it("are removed with the configuration; what people created stays", async () => {
      await succeed(pulumi("up --yes --skip-preview"));
      expect(
        await sql(
          "SELECT rolname FROM pg_roles WHERE rolname IN ('ann', 'ben', 'pgaudit_objects')",
        ),
      ).toBe("");
      expect(await sql("SHOW pgaudit.role")).toBe("");
      expect(
        await sql("SELECT t, tableowner FROM ann.notes, pg_tables WHERE tablename = 'notes'"),
      ).toBe("of ann|pgadmin");
      await sql("DROP SCHEMA ann, ben CASCADE; DROP TABLE public.listed, public.unlisted");
    });
  });
}
