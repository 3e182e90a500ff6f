import { shellQuote } from "../../common/shell-quote";
import { UserError } from "../../common/user-error";
import { type ServerOutputs, type StackOutputs } from "./stack-outputs";
import { psqlTrouble } from "./trouble";
import { type VmSession } from "./vm-session";

/** psql's defaults; its arguments and `\connect` replace each as usual. The password comes by another way. */
function connectionVariables({
  serverFqdn,
  databaseName,
  administratorLogin,
  caBundle,
}: StackOutputs): string {
  const variables = {
    PGHOST: serverFqdn,
    PGDATABASE: databaseName,
    PGUSER: administratorLogin,
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: caBundle,
  };
  const words = Object.entries(variables).map(([name, value]) => `${name}=${shellQuote(value)}`);
  return `export ${words.join(" ")}`;
}

/** A line of a password file for the administrator alone: another user is asked for a password. */
export function passwordFileLine(
  { administratorLogin, administratorPassword }: ServerOutputs,
  host: string,
): string {
  const fields = [host, "*", "*", administratorLogin, administratorPassword];
  return fields
    .map((field) => (field === "*" ? field : field.replaceAll(/([\\:])/g, "\\$1")))
    .join(":");
}

/**
 * Runs SQL with psql on the VM and returns what psql printed. The password is sent by standard input, before the SQL.
 * @throws UserError where the server refuses the stack's password
 */
export async function runSql(
  session: VmSession,
  outputs: StackOutputs,
  sql: string,
  timeout?: number,
): Promise<string> {
  const psql = "psql --no-psqlrc --set ON_ERROR_STOP=1";
  try {
    return await session.run(
      `IFS= read -r PGPASSWORD && export PGPASSWORD && ${connectionVariables(outputs)} && ${psql}`,
      { input: `${outputs.administratorPassword}\n${sql}\n`, timeout },
    );
  } catch (error) {
    const trouble = psqlTrouble((error as Error).message, outputs, session.stack);
    throw trouble === undefined ? error : new UserError(trouble);
  }
}

/** psql's exit code where it had no connection, or lost it. */
const NO_CONNECTION = 2;

/**
 * Writes the password file to the VM's memory and prints its path. It is removed by the command that uses it, and after
 * this many seconds, since that command may never come.
 */
const writePasswordFile = (seconds: number): string =>
  'umask 077; file=$(mktemp /dev/shm/pg-audit-lab.XXXXXX) && cat >"$file" && echo "$file" && ' +
  `{ (trap "" HUP; sleep ${seconds}; rm -f "$file") </dev/null >/dev/null 2>&1 & }`;

const PASSWORD_FILE_SECONDS = 120;

/**
 * Hands the terminal to psql on the VM. psql reads the password in a file that has no name any more: it ends with psql,
 * however that ends. (libpq reads no pipe: a password file must be a plain one.)
 */
export async function interactivePsql(
  session: VmSession,
  outputs: StackOutputs,
  args: readonly string[],
): Promise<number> {
  const file = (
    await session.run(writePasswordFile(PASSWORD_FILE_SECONDS), {
      input: `${passwordFileLine(outputs, outputs.serverFqdn)}\n`,
    })
  ).trim();
  const psql = ["psql", ...args.map(shellQuote)].join(" ");
  const exitCode = await session.interact(
    `exec 9<${file} && rm -f ${file}; ${connectionVariables(outputs)} PGPASSFILE=/dev/fd/9; ${psql}`,
  );
  if (exitCode === NO_CONNECTION) await explainRefusal(session, outputs);
  return exitCode;
}

/** psql has printed its message to the terminal; a second attempt as the administrator says what to do, where it fails too. */
async function explainRefusal(session: VmSession, outputs: StackOutputs): Promise<void> {
  try {
    await runSql(session, outputs, "");
  } catch (error) {
    if (error instanceof UserError) console.error(error.message);
  }
}
