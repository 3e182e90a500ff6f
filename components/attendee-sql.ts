import * as crypto from "node:crypto";
import { sqlIdentifier, sqlLiteral } from "../common/sql-quote";

/** Tells the lab's roles from those that somebody else created: these are never changed or dropped. */
const MARK = "Attendee of pg-audit-lab.";

const isLabs = (name: string) =>
  `EXISTS (SELECT FROM pg_roles WHERE rolname = ${sqlLiteral(name)} AND shobj_description(oid, 'pg_authid') = ${sqlLiteral(MARK)})`;

/**
 * An attendee's role, which may connect to the database and has a schema of its own name there. The administrator becomes a
 * member: only so may it give the schema away, and later take over what the attendee owns.
 */
export const attendeeSql = (name: string): string => `DO $lab$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${sqlLiteral(name)}) THEN
    CREATE ROLE ${sqlIdentifier(name)};
    COMMENT ON ROLE ${sqlIdentifier(name)} IS ${sqlLiteral(MARK)};
  ELSIF NOT ${isLabs(name)} THEN
    RAISE EXCEPTION 'the role % exists, and isn''t the lab''s', ${sqlLiteral(name)}
      USING HINT = 'Take another name in the list attendees: the lab sets the passwords of its own roles only.';
  END IF;
  IF NOT pg_has_role(${sqlLiteral(name)}, 'USAGE') THEN
    GRANT ${sqlIdentifier(name)} TO CURRENT_USER;
  END IF;
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), ${sqlLiteral(name)});
END
$lab$;
CREATE SCHEMA IF NOT EXISTS ${sqlIdentifier(name)} AUTHORIZATION ${sqlIdentifier(name)};`;

/** Not the password, which an error's line in the server's log would show: its verifier. */
export const attendeePasswordSql = (name: string, password: string): string =>
  `ALTER ROLE ${sqlIdentifier(name)} LOGIN PASSWORD ${sqlLiteral(scramVerifier(password))};`;

/**
 * Ends the attendee's sessions, gives what it owns to the administrator, and drops the role, unless it still owns something in
 * another database, whose turn comes then.
 */
export const attendeeRemovalSql = (name: string): string => `DO $lab$
BEGIN
  IF NOT ${isLabs(name)} THEN
    RETURN;
  END IF;
  ALTER ROLE ${sqlIdentifier(name)} NOLOGIN;
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ${sqlLiteral(name)};
  REASSIGN OWNED BY ${sqlIdentifier(name)} TO CURRENT_USER;
  DROP OWNED BY ${sqlIdentifier(name)};
  BEGIN
    DROP ROLE ${sqlIdentifier(name)};
  EXCEPTION
    WHEN dependent_objects_still_exist THEN
      RAISE WARNING 'the role % can''t sign in any more; it still owns something in another database', ${sqlLiteral(name)};
  END;
END
$lab$;`;

/** PostgreSQL's default. Source: its parameter scram_iterations. */
const ITERATIONS = 4096;
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/**
 * What PostgreSQL stores of a password of ASCII characters (RFC 5802, RFC 7677). Source of the format: its documentation of
 * pg_authid, rolpassword. The salt follows from the password: the same one gives the same SQL, so that a second update changes
 * nothing. That is safe for long random passwords, which no table contains.
 */
export function scramVerifier(password: string): string {
  const salt = hmac(password, "salt").subarray(0, SALT_BYTES);
  const salted = crypto.pbkdf2Sync(password, salt, ITERATIONS, KEY_BYTES, "sha256");
  const storedKey = crypto.createHash("sha256").update(hmac(salted, "Client Key")).digest();
  const [saltText, storedText, serverText] = [salt, storedKey, hmac(salted, "Server Key")].map(
    (bytes) => bytes.toString("base64"),
  );
  return `SCRAM-SHA-256$${ITERATIONS}:${saltText}$${storedText}:${serverText}`;
}

const hmac = (key: crypto.BinaryLike, text: string): Buffer =>
  crypto.createHmac("sha256", key).update(text).digest();
