import {
  AUDIT_ROLE,
  OBJECT_AUDITING_REMOVAL_SQL,
  objectAuditingSql,
} from "../../../components/object-auditing-sql";
import { type AuditedObjects } from "../../../config/keys/audit";
import { auditedServer, auditLines, inSession } from "./audited-session";

const ALL = ["SELECT", "INSERT", "UPDATE", "DELETE"] as const;
const covering = (
  relations: string[],
  privileges: AuditedObjects["privileges"] = [...ALL],
  roles: string[] = [],
): AuditedObjects => ({ relations, privileges, roles });

// From PostgreSQL 16 on, who creates a role isn't a member of it.
describe.each(["15", "18"])("object auditing on PostgreSQL %s", (version) => {
  const cloud = auditedServer(version, { "pgaudit.log": "none", "pgaudit.role": AUDIT_ROLE });
  const sql = (text: string) => inSession(cloud, text);
  const apply = (...objects: AuditedObjects[]) =>
    sql(`BEGIN; ${objectAuditingSql(objects)} COMMIT`).then(() => undefined);
  const remove = (warnings?: string[], database = "pgbench") =>
    inSession(cloud, `BEGIN; ${OBJECT_AUDITING_REMOVAL_SQL} COMMIT`, { database }, warnings);

  /** `sales.orders: SELECT`, by name. */
  const granted = async () =>
    (
      await sql(
        `SELECT format('%s: %s', relation.oid::regclass, string_agg(privilege_type, ',' ORDER BY privilege_type)) AS line
         FROM pg_class relation, aclexplode(relacl) WHERE grantee = to_regrole('${AUDIT_ROLE}')
         GROUP BY relation.oid ORDER BY relation.oid::regclass::text`,
      )
    ).map(({ line }) => line);

  beforeAll(async () => {
    await sql(`
      CREATE SCHEMA sales; CREATE SCHEMA "Sales"; CREATE SCHEMA other;
      CREATE TABLE sales.orders(id int, "who's" text); CREATE TABLE sales.order_(id int); CREATE TABLE sales.order1(id int);
      CREATE TABLE sales."100%"(id int); CREATE TABLE "Sales"."Order ""Lines""; x"(id int);
      CREATE TABLE other.plain(id int); CREATE VIEW sales.recent AS SELECT * FROM other.plain;
      CREATE TABLE sales.parts(id int) PARTITION BY LIST (id); CREATE TABLE sales.part_1 PARTITION OF sales.parts FOR VALUES IN (1);
      CREATE EXTENSION pgaudit; CREATE EXTENSION pg_stat_statements SCHEMA other;`);
  });

  it("logs the use of a granted relation, and of no other", async () => {
    await apply(covering(["sales.orders"], ["SELECT"]), covering(["sales.order?"], ["INSERT"]));
    expect(await granted()).toEqual([
      ...["sales.order1: INSERT", "sales.order_: INSERT", "sales.orders: INSERT,SELECT"],
    ]);
    await sql(
      "SELECT * FROM sales.orders; INSERT INTO sales.order1 VALUES (1); SELECT * FROM sales.order1; SELECT * FROM other.plain; SELECT 'first'::int",
    ).catch(() => undefined);
    expect(await auditLines(cloud, "first")).toEqual([
      "OBJECT,READ,SELECT,sales.orders",
      "OBJECT,WRITE,INSERT,sales.order1",
    ]);
  });

  it("logs a partition where a statement names it, and of a view the tables below it too", async () => {
    await apply(covering(["sales.part*", "sales.recent", "other.plain"], ["SELECT"]));
    await sql(
      "SELECT * FROM sales.parts; SELECT * FROM sales.part_1; SELECT * FROM sales.recent; SELECT 'second'::int",
    ).catch(() => undefined);
    const lines = await auditLines(cloud, "second");
    expect(lines.slice(-4)).toEqual([
      "OBJECT,READ,SELECT,sales.parts",
      "OBJECT,READ,SELECT,sales.part_1",
      "OBJECT,READ,SELECT,sales.recent",
      "OBJECT,READ,SELECT,other.plain",
    ]);
  });

  it("resolves wildcards and quoted names literally, and revokes what isn't configured any more", async () => {
    await apply(
      covering([`"Sales"."Order ""Lines""; x"`], ["UPDATE"]),
      covering([`sales."100%"`, `sales."order_"`, "sales.p*", "SALES.Recent"], ["DELETE"]),
    );
    expect(await granted()).toEqual([
      `"Sales"."Order ""Lines""; x": UPDATE`,
      `sales."100%": DELETE`,
      "sales.order_: DELETE",
      "sales.part_1: DELETE",
      "sales.parts: DELETE",
      "sales.recent: DELETE",
    ]);
    await apply(covering(["sales.*"], ["SELECT"]), covering([`"sal*".*`, "nothing.here"]));
    expect((await granted()).every((line) => /^sales\..*: SELECT$/.test(String(line)))).toBe(true);
  });

  it("covers tables that the administrator and named roles create later in a covered schema", async () => {
    await sql(
      "CREATE ROLE app; GRANT app TO CURRENT_USER; GRANT CREATE, USAGE ON SCHEMA sales TO app",
    );
    await apply(covering(["sales.*"], ["INSERT"], ["app"]), covering(["other.pla*"]));
    await sql("CREATE TABLE sales.later(id int); CREATE TABLE other.platform(id int)");
    await sql("SET ROLE app; CREATE TABLE sales.by_app(id int)");
    const lines = await granted();
    expect(lines).toEqual(expect.arrayContaining(["sales.by_app: INSERT", "sales.later: INSERT"]));
    // Default privileges have no name patterns; the next run finds the table.
    expect(lines.filter((line) => String(line).startsWith("other.platform"))).toEqual([]);
    await apply(covering(["other.pla*"], ["SELECT"]));
    await sql("CREATE TABLE sales.uncovered(id int)");
    expect(await granted()).toEqual(["other.plain: SELECT", "other.platform: SELECT"]);
  });

  it("covers later schemas by *.*", async () => {
    await apply(covering(["*.*"], ["SELECT"]));
    await sql("CREATE SCHEMA newer; CREATE TABLE newer.t(id int)");
    expect(await granted()).toContain("newer.t: SELECT");
    // Those of extensions belong to Azure.
    expect((await granted()).some((line) => String(line).includes("pg_stat"))).toBe(false);
  });

  it("names what it can't grant on, and grants nothing then", async () => {
    await apply(covering(["other.plain"], ["SELECT"]));
    await sql(`CREATE ROLE owner_of_x; CREATE SCHEMA x; CREATE TABLE x.t(id int); GRANT owner_of_x TO CURRENT_USER;
      GRANT CREATE ON SCHEMA x TO owner_of_x; ALTER TABLE x.t OWNER TO owner_of_x; REVOKE owner_of_x FROM CURRENT_USER`);
    await expect(
      apply(covering(["x.*", "sales.orders"], [...ALL], ["nobody", "owner_of_x"])),
    ).rejects.toThrow(
      "audit.objects of the configuration can't be applied as pgadmin: x.t belongs to owner_of_x; pgadmin isn't a member of " +
        "owner_of_x; there is no role nobody",
    );
    expect(await granted()).toEqual(["other.plain: SELECT"]);
  });

  it("removes the role with its privileges in every database, and can be repeated", async () => {
    await sql("CREATE DATABASE second");
    await apply(covering(["sales.*"]));
    const inSecond = `CREATE SCHEMA s; CREATE TABLE s.t(id int); ${objectAuditingSql([covering(["s.*"])])}`;
    await inSession(cloud, inSecond, { database: "second" });
    const warnings: string[] = [];
    await remove(warnings);
    expect(warnings).toEqual([expect.stringMatching(/still has privileges in another database/)]);
    await remove(warnings, "second");
    expect(await sql(`SELECT FROM pg_roles WHERE rolname = '${AUDIT_ROLE}'`)).toEqual([]);
    expect(await sql("SELECT FROM pg_default_acl")).toEqual([]);
    await remove(warnings);
    expect(warnings).toHaveLength(1);
  });

  it("neither changes nor drops a role of that name that somebody else created", async () => {
    await sql(`CREATE ROLE ${AUDIT_ROLE}`);
    await expect(apply(covering(["sales.*"]))).rejects.toThrow(/exists, and isn't the lab's/);
    await remove();
    expect(await sql(`SELECT FROM pg_roles WHERE rolname = '${AUDIT_ROLE}'`)).toHaveLength(1);
  });
});
