import { type LogRecord } from "./record";

/** The role of Azure's own agents. Source: public samples of PT1H.json, 2022 to 2024. */
const SYSTEM_USER = "azuresu";
const UNKNOWN = "[unknown]";

/**
 * Whether a record is of one of Azure's own sessions, which look after the server all day long: user `azuresu`, and its
 * connections before they are authenticated, which come from the machine itself.
 */
export function isSystemRecord(record: LogRecord): boolean {
  const { user_name: user, kind } = record;
  if (user === SYSTEM_USER) return true;
  if (kind !== "connection" || (user !== null && user !== UNKNOWN)) return false;
  if (record.client !== null) return isAzuresAddress(record.client);
  // A prefix like Azure's default names neither; the message may.
  const message = record.message ?? "";
  return /\buser=azuresu\b/.test(message) || isAzuresAddress(/\bhost=(\S+)/.exec(message)?.[1]);
}

/** The server's own machine, and the link-local addresses by which Azure's agents reach it. */
function isAzuresAddress(client: string | undefined): boolean {
  return client !== undefined && (client === "127.0.0.1" || client.startsWith("169.254."));
}
