import { shellQuote } from "../../common/shell-quote";
import { type StackOutputs } from "./stack-outputs";
import { type VmSession } from "./vm-session";

/** psql's connection string; the password comes by another way. */
function connectionString({
  serverFqdn,
  databaseName,
  administratorLogin,
  caBundle,
}: StackOutputs) {
  return `host=${serverFqdn} dbname=${databaseName} user=${administratorLogin} sslmode=verify-full sslrootcert=${caBundle}`;
}

/** Runs SQL with psql on the VM and gives what psql printed. The password goes in by standard input, before the SQL. */
export function runSql(session: VmSession, outputs: StackOutputs, sql: string): Promise<string> {
  const psql = `psql --no-psqlrc --set ON_ERROR_STOP=1 ${shellQuote(connectionString(outputs))}`;
  return session.run(`IFS= read -r PGPASSWORD && export PGPASSWORD && ${psql}`, {
    input: `${outputs.administratorPassword}\n${sql}\n`,
  });
}

/** Hands the terminal to psql on the VM. The password waits there in a 600-mode file, which goes before psql's end. */
export async function interactivePsql(
  session: VmSession,
  outputs: StackOutputs,
  args: readonly string[],
): Promise<number> {
  const file = (
    await session.run(
      'umask 077; file=$(mktemp); IFS= read -r word; echo "*:*:*:*:$word" >"$file"; echo "$file"',
      {
        input: `${outputs.administratorPassword.replaceAll(/([\\:])/g, "\\$1")}\n`,
      },
    )
  ).trim();
  const words = [connectionString(outputs), ...args].map(shellQuote).join(" ");
  return session.interact(
    `trap 'rm -f ${file}' EXIT HUP TERM; export PGPASSFILE=${file}; psql ${words}`,
  );
}
