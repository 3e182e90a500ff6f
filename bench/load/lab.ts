import {
  type ContainerClient,
  BlobServiceClient,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";

export const ACCOUNT = "labaccount";

export type Action = "stop Azurite" | "start Azurite" | "close";

/** What the process of local Azure tells about itself. */
export interface Ready {
  readonly postgresPort: number;
  readonly password: string;
  readonly blobPort: number;
  readonly accountKey: string;
  /** PEM. */
  readonly certificateAuthority: string;
  /** The folder of the PostgreSQL servers. */
  readonly servers: string;
  readonly postgresBuilds: string;
  readonly pidFiles: { readonly azurite: string; readonly postgres: string };
}

/** Local Azure without a VM, in a process of its own. */
export class LoadLab {
  private constructor(
    private readonly child: ChildProcess,
    readonly ready: Ready,
  ) {}

  static async start(): Promise<LoadLab> {
    const child = fork(path.join(__dirname, "cloud-process.ts"), {
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const ended = once(child, "exit").then(() => {
      throw new Error("local Azure ended during its start");
    });
    const [ready] = (await Promise.race([once(child, "message"), ended])) as [Ready];
    ended.catch(() => undefined);
    return new LoadLab(child, ready);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Ends when the action is done. */
  async do(action: Action): Promise<void> {
    const answer = once(this.child, "message");
    this.child.send(action);
    await answer;
  }

  async close(): Promise<void> {
    await this.do("close");
    this.child.disconnect();
    await once(this.child, "exit");
  }

  /** The container of the trail. */
  container(): ContainerClient {
    const { blobPort, accountKey, certificateAuthority } = this.ready;
    const credential = new StorageSharedKeyCredential(ACCOUNT, accountKey);
    const options = {
      retryOptions: { maxTries: 1 },
      tlsOptions: { ca: certificateAuthority },
    };
    const url = `https://127.0.0.1:${blobPort}/${ACCOUNT}`;
    return new BlobServiceClient(url, credential, options).getContainerClient(
      "insights-logs-postgresqllogs",
    );
  }
}
