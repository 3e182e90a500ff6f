import { Client } from "pg";
import { LOOPBACK } from "../../../common/ports";

export interface SignIn {
  readonly port: number;
  /** The name in the server's certificate. */
  readonly host: string;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Text of the lab CA's certificate. */
  readonly ca: string;
}

/** Source: PostgreSQL's appendix "Error Codes". */
const INVALID_PASSWORD = "28P01";

/** Whether the server refuses a user's password; false too where the server doesn't answer. */
export async function refusesPassword(signIn: SignIn): Promise<boolean> {
  const { port, host, database, user, password, ca } = signIn;
  const client = new Client({
    host: LOOPBACK,
    port,
    database,
    user,
    password,
    application_name: "lab up",
    ssl: { ca, servername: host },
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return false;
  } catch (error) {
    return (error as { code?: string }).code === INVALID_PASSWORD;
  } finally {
    await client.end().catch(() => undefined);
  }
}
