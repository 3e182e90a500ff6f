import { sqlLiteral } from "../common/sql-quote";
import { type AuditedObjects } from "../config/keys/audit";
import { parseRelationPattern } from "../config/relation-pattern";

/** The role that pgaudit.role names. Azure allows letters, dots and underscores in it. */
export const AUDIT_ROLE = "pgaudit_objects";

/** Tells the lab's role from one of the same name that somebody else created. */
const MARK =
  "Object auditing by pg-audit-lab: pgAudit logs statements that use a privilege of this role.";

const DECLARE = `
  audit_role CONSTANT name := ${sqlLiteral(AUDIT_ROLE)};
  mark CONSTANT text := ${sqlLiteral(MARK)};`;

/**
 * Makes the role's privileges in a database what the configuration says. The former ones are revoked in the same transaction, so
 * that sessions see no time without them.
 *
 * The administrator is no superuser: it grants on relations whose owner it is, or is a member of. A member of azure_pg_admin gets
 * no rights on others' tables. Source: PostgreSQL's documentation of GRANT, "Notes"; of pg_has_role, USAGE.
 */
export const objectAuditingSql = (objects: readonly AuditedObjects[]): string => `DO $lab$
DECLARE${DECLARE}
  found record;
  problems text[] := '{}';
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = audit_role) THEN
    EXECUTE format('CREATE ROLE %I NOLOGIN', audit_role);
    EXECUTE format('COMMENT ON ROLE %I IS %L', audit_role, mark);
  ELSIF shobj_description(to_regrole(audit_role), 'pg_authid') IS DISTINCT FROM mark THEN
    RAISE EXCEPTION 'the role % exists, and isn''t the lab''s', audit_role
      USING HINT = 'Rename or drop it: the lab creates a role of that name for pgaudit.role.';
  END IF;
  IF NOT pg_has_role(audit_role, 'USAGE') THEN
    EXECUTE format('GRANT %I TO CURRENT_USER', audit_role);
  END IF;
  EXECUTE format('DROP OWNED BY %I', audit_role);

  FOR found IN
    SELECT nspname, relname, pg_get_userbyid(relowner) AS owner, pg_has_role(relowner, 'USAGE') AS is_grantable,
      string_agg(DISTINCT privilege, ', ') AS privileges
    FROM (VALUES ${relationRows(objects)}) AS wanted (schema_pattern, relation_pattern, privilege)
    JOIN pg_namespace ON nspname LIKE schema_pattern
    JOIN pg_class relation ON relnamespace = pg_namespace.oid AND relname LIKE relation_pattern
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
      AND NOT EXISTS (
        SELECT FROM pg_depend
        WHERE classid = 'pg_class'::regclass AND objid = relation.oid AND deptype = 'e')
    GROUP BY nspname, relname, relowner
    ORDER BY nspname, relname
  LOOP
    IF found.is_grantable THEN
      EXECUTE format('GRANT %s ON %I.%I TO %I', found.privileges, found.nspname, found.relname, audit_role);
    ELSE
      problems := problems || format('%I.%I belongs to %I', found.nspname, found.relname, found.owner);
    END IF;
  END LOOP;

  FOR found IN
    SELECT creator, rolname, coalesce(pg_has_role(pg_roles.oid, 'USAGE'), false) AS is_grantable, schema_pattern = '%' AS is_everywhere,
      nspname, string_agg(DISTINCT privilege, ', ') AS privileges
    FROM (VALUES ${creatorRows(objects)}) AS wanted (schema_pattern, relation_pattern, privilege, creator)
    LEFT JOIN pg_roles ON rolname = coalesce(creator, current_user)
    LEFT JOIN pg_namespace ON schema_pattern <> '%' AND nspname LIKE schema_pattern AND nspname NOT LIKE 'pg\\_%'
    WHERE relation_pattern = '%' AND (schema_pattern = '%' OR nspname IS NOT NULL)
    GROUP BY creator, rolname, pg_roles.oid, schema_pattern = '%', nspname
    ORDER BY rolname, nspname
  LOOP
    IF found.rolname IS NULL THEN
      problems := problems || format('there is no role %I', found.creator);
    ELSIF NOT found.is_grantable THEN
      problems := problems || format('%I isn''t a member of %I', current_user, found.rolname);
    ELSE
      EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I %s GRANT %s ON TABLES TO %I', found.rolname,
        CASE WHEN found.is_everywhere THEN '' ELSE format('IN SCHEMA %I', found.nspname) END, found.privileges, audit_role);
    END IF;
  END LOOP;

  IF problems <> '{}' THEN
    RAISE EXCEPTION 'audit.objects of the configuration can''t be applied as %: %', current_user,
      array_to_string(problems[1:10], '; ') || CASE WHEN cardinality(problems) > 10 THEN '; ...' ELSE '' END
      USING HINT = format('Only a member of a relation''s owner can grant on it: GRANT <owner> TO %I;', current_user);
  END IF;
END
$lab$;
SELECT count(DISTINCT relation.oid) || ' relations are audited by object'
FROM pg_class relation, aclexplode(relacl) WHERE grantee = to_regrole(${sqlLiteral(AUDIT_ROLE)});`;

/** Drops the role, unless it still has privileges in another database, whose turn comes then. */
export const OBJECT_AUDITING_REMOVAL_SQL = `DO $lab$
DECLARE${DECLARE}
BEGIN
  IF shobj_description(to_regrole(audit_role), 'pg_authid') IS DISTINCT FROM mark THEN
    RETURN;
  END IF;
  IF NOT pg_has_role(audit_role, 'USAGE') THEN
    EXECUTE format('GRANT %I TO CURRENT_USER', audit_role);
  END IF;
  EXECUTE format('DROP OWNED BY %I', audit_role);
  BEGIN
    EXECUTE format('DROP ROLE %I', audit_role);
  EXCEPTION
    WHEN dependent_objects_still_exist THEN
      RAISE WARNING 'the role % still has privileges in another database, and is dropped there', audit_role;
  END;
END
$lab$;`;

/** A row a relation pattern and privilege. */
const relationRows = (objects: readonly AuditedObjects[]): string =>
  objects.flatMap((entry) => rows(entry, (row) => row)).join(", ");

/** A row a relation pattern, privilege and role that creates tables; NULL is the administrator. */
const creatorRows = (objects: readonly AuditedObjects[]): string =>
  objects
    .flatMap((entry) =>
      [null, ...entry.roles].flatMap((role) =>
        rows(entry, (row) => [...row, role === null ? "NULL::text" : sqlLiteral(role)]),
      ),
    )
    .join(", ");

function rows(
  { relations, privileges }: AuditedObjects,
  complete: (row: readonly string[]) => readonly string[],
): string[] {
  return relations.flatMap((text) => {
    const pattern = parseRelationPattern(text);
    if (!pattern) throw new Error(`${text} is no relation pattern`);
    return privileges.map((privilege) => {
      const row = [pattern.schema, pattern.relation, privilege].map(sqlLiteral);
      return `(${complete(row).join(", ")})`;
    });
  });
}
