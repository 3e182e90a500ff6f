import * as fs from "node:fs";
import * as http from "node:http";
import * as path from "node:path";
import { MACHINE_FILES } from "../../image/machine";

/** Answers the requests of a machine. */
export type MetadataListener = (machine: string) => http.RequestListener;

/**
 * The instance metadata service of each machine: a socket in the machine's folder, to which QEMU connects its guest. Another user of
 * this host can't reach it, and it knows the machine that asks.
 */
export class MetadataSockets {
  private readonly servers = new Map<string, http.Server>();

  constructor(
    private readonly folderOf: (machine: string) => string,
    private readonly listener: MetadataListener,
  ) {}

  /** Does nothing if it listens already. */
  async open(machine: string): Promise<void> {
    if (this.servers.has(machine)) return;
    const server = http.createServer(this.listener(machine));
    this.servers.set(machine, server);
    await listenInFolder(server, this.folderOf(machine), MACHINE_FILES.metadata);
    // Local Azure's end doesn't wait for it.
    server.unref();
  }

  close(machine: string): void {
    this.servers.get(machine)?.close();
    this.servers.delete(machine);
  }
}

/** A socket's path has at most 107 bytes, and the folder's may be longer: the process names the folder by a handle. */
async function listenInFolder(server: http.Server, folder: string, name: string): Promise<void> {
  // Left by a process that was killed.
  fs.rmSync(path.join(folder, name), { force: true });
  const descriptor = fs.openSync(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path.join(`/proc/self/fd/${descriptor}`, name), resolve);
    });
  } finally {
    fs.closeSync(descriptor);
  }
}
