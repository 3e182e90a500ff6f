import { shellQuote } from "../../common/shell-quote";
import { type StackOutputs } from "./stack-outputs";
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
  { administratorLogin, administratorPassword }: StackOutputs,
  host: string,
): string {
  const fields = [host, "*", "*", administratorLogin, administratorPassword];
  return fields
    .map((field) => (field === "*" ? field : field.replaceAll(/([\\:])/g, "\\$1")))
    .join(":");
}

/** Runs SQL with psql on the VM and returns what psql printed. The password is sent by standard input, before the SQL. */
export function runSql(session: VmSession, outputs: StackOutputs, sql: string): Promise<string> {
  const psql = "psql --no-psqlrc --set ON_ERROR_STOP=1";
  return session.run(
    `IFS= read -r PGPASSWORD && export PGPASSWORD && ${connectionVariables(outputs)} && ${psql}`,
    { input: `${outputs.administratorPassword}\n${sql}\n` },
  );
}

/** Hands the terminal to psql on the VM. The password is there in a 600-mode file, which is removed when psql ends. */
export async function interactivePsql(
  session: VmSession,
  outputs: StackOutputs,
  args: readonly string[],
): Promise<number> {
  const file = (
    await session.run('umask 077; file=$(mktemp) && cat >"$file" && echo "$file"', {
      input: `${passwordFileLine(outputs, outputs.serverFqdn)}\n`,
    })
  ).trim();
  const psql = ["psql", ...args.map(shellQuote)].join(" ");
  return session.interact(
    `trap 'rm -f ${file}' EXIT HUP TERM; ${connectionVariables(outputs)} PGPASSFILE=${file}; ${psql}`,
  );
}
