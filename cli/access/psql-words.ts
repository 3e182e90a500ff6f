import * as path from "node:path";
import { writeSecretFile } from "../../common/files";
import { LOOPBACK } from "../../common/ports";
import { findLab } from "../../local/lab";
import { type LabPaths } from "../../local/paths";
import { isLocalStack, LOCAL_STACK } from "../lab/names";
import { passwordFileLine } from "./psql";
import { type ServerOutputs } from "./stack-outputs";

/** The file with the passwords of a local stack, for psql on this machine. */
export const passwordFileOf = (paths: LabPaths, stack: string): string =>
  stack === LOCAL_STACK ? paths.passwordFile : `${paths.passwordFile}-${stack}`;

/** Writes the file, with the administrator's password and those of the attendees. */
export function writePasswordFile(paths: LabPaths, stack: string, server: ServerOutputs): void {
  const people = Object.entries(server.attendeePasswords ?? {}).map(([login, password]) => ({
    ...server,
    administratorLogin: login,
    administratorPassword: password,
  }));
  const lines = [server, ...people].map((login) => passwordFileLine(login, server.serverFqdn));
  writeSecretFile(passwordFileOf(paths, stack), `${lines.join("\n")}\n`);
}

/**
 * psql's words for a connection from this machine, with TLS verified; undefined for a stack on Azure, whose private server
 * is reached from its VM only.
 */
export async function psqlWords(
  stack: string,
  { serverFqdn, databaseName, administratorLogin }: ServerOutputs,
): Promise<readonly string[] | undefined> {
  const lab = isLocalStack(stack) ? await findLab() : undefined;
  if (!lab) return undefined;
  const { paths, settings } = lab;
  const value = (text: string) =>
    /[\s'\\]/.test(text) ? `'${text.replaceAll(/(['\\])/g, "\\$1")}'` : text;
  return Object.entries({
    host: serverFqdn,
    hostaddr: LOOPBACK,
    port: String(settings.ports.postgres),
    dbname: databaseName,
    user: administratorLogin,
    sslmode: "verify-full",
    sslrootcert: path.relative("", paths.caCertificate),
    passfile: path.relative("", passwordFileOf(paths, stack)),
  }).map(([key, text]) => `${key}=${value(text)}`);
}
