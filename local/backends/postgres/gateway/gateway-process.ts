import * as path from "node:path";
import {
  describeEnd,
  runningPid,
  spawnDetached,
  stopProcess,
} from "../../../../common/child-process";
import { pollUntil } from "../../../../common/poll";
import { type LabPaths, PROJECT_ROOT } from "../../../paths";
import { serverAnswers } from "../../probes";

const START_TIMEOUT_SECONDS = 30;

/** The files of the gateway's process. */
export const gatewayFiles = ({ logs, run }: LabPaths) => ({
  pidFile: path.join(run, "postgres-gateway.pid"),
  logFile: path.join(logs, "postgres-gateway.log"),
});

/** The gateway as a process of its own: connections outlive local Azure's process, as the servers do. */
export class GatewayProcess {
  readonly logFile: string;
  private readonly pidFile: string;
  private lastEnd: string | undefined;

  constructor(
    private readonly paths: LabPaths,
    private readonly port: number,
  ) {
    ({ pidFile: this.pidFile, logFile: this.logFile } = gatewayFiles(paths));
  }

  get isRunning(): boolean {
    return runningPid(this.pidFile) !== undefined;
  }

  /** How its process ended last; undefined where another process started it. */
  get howItEnded(): string | undefined {
    return this.lastEnd;
  }

  answers(): Promise<boolean> {
    return serverAnswers({ port: this.port });
  }

  /** Starts it where it doesn't run; resolves when it answers. @throws Error if it ends before */
  async start(): Promise<void> {
    if (!this.isRunning) {
      const program = path.join(PROJECT_ROOT, "local/bin/local-azure.js");
      spawnDetached(process.execPath, [program, "postgres-gateway", String(this.port)], {
        pidFile: this.pidFile,
        logFile: this.logFile,
        cwd: PROJECT_ROOT,
        env: { PATH: process.env.PATH, LAB_DIR: this.paths.root },
        onEnd: (end) => (this.lastEnd = describeEnd(end)),
      });
    }
    await pollUntil(
      async () => {
        if (this.isRunning) return this.answers();
        throw new Error(`the gateway ${this.lastEnd ?? "has ended"}; ${this.logFile} says why`);
      },
      { what: "the gateway to answer", timeoutSeconds: START_TIMEOUT_SECONDS },
    );
  }

  stop(): Promise<void> {
    return stopProcess(this.pidFile);
  }
}
