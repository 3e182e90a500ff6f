import execa from "execa";
import * as os from "node:os";
import * as path from "node:path";
import { programFolder } from "../../local/backends/postgres/server-build";
import { DATABASE } from "../../test/arm/support/flexible-server";
import { type Ready } from "./lab";

/** Lines that pgAudit writes for a transaction of pgbench's own script: BEGIN, 3 UPDATE, SELECT, INSERT, END. */
export const LINES_PER_TRANSACTION = 7;

const SCALE = 20;
/** Of the test's server. */
const VERSION = "15";

/** PostgreSQL's own benchmark, from the same build as the server. */
export class Pgbench {
  constructor(private readonly ready: Ready) {}

  async initialise(): Promise<void> {
    await this.run(["--initialize", "--scale", String(SCALE), "--quiet"]);
  }

  /** @param linesPerSecond undefined: as fast as it can @returns transactions per second */
  async load(options: {
    readonly clients: number;
    readonly seconds: number;
    readonly linesPerSecond: number | undefined;
  }): Promise<number> {
    const { clients, seconds, linesPerSecond } = options;
    const rate =
      linesPerSecond === undefined
        ? []
        : ["--rate", String(linesPerSecond / LINES_PER_TRANSACTION)];
    const output = await this.run([
      ...["--client", String(clients), "--jobs", String(os.cpus().length), "--no-vacuum"],
      ...["--time", String(seconds), ...rate],
    ]);
    return Number(/^tps = ([\d.]+)/m.exec(output)?.[1] ?? 0);
  }

  private async run(args: readonly string[]): Promise<string> {
    const { postgresPort, password, postgresBuilds } = this.ready;
    const program = path.join(
      programFolder(path.join(postgresBuilds, VERSION), VERSION),
      "pgbench",
    );
    const { stdout } = await execa(program, [...args, DATABASE], {
      stdin: "ignore",
      env: {
        PGHOST: "127.0.0.1",
        PGPORT: String(postgresPort),
        PGUSER: "pgadmin",
        PGPASSWORD: password,
        PGSSLMODE: "require",
      },
    });
    return stdout;
  }
}
