import { pollUntil } from "../../common/poll";
import { SSH_PORT } from "../../local/azure/settings";
import { type LabUnderTest } from "./lab-under-test";
import { type PartName, processesOf } from "./parts";
import { cutConnections, fillDisk, hang, kill, type Way } from "./ways";

/** A provider's process exists only from its first resource on. */
const PROCESS_SECONDS = 30;

export interface InjectionOptions {
  /** How long a stopped part hangs. */
  readonly stopSeconds: number;
  /** The process of `./lab up` or `./lab down`, for parts below it. */
  readonly root?: number;
}

/** Makes the part fail in this way; resolves when the fault has ended, with what it was applied to. */
export async function inject(
  lab: LabUnderTest,
  part: PartName,
  way: Way,
  { stopSeconds, root }: InjectionOptions,
): Promise<void> {
  if (part === "disk") return fillDisk(lab.paths.root);
  if (part === "mount" || (part === "sshd" && way !== "cut")) {
    return injectOnVm(lab, part, way, stopSeconds);
  }
  if (way === "cut") return cut(lab, part);
  const pids = await pollUntil(
    () => {
      const found = processesOf(part, lab.paths, root);
      return found.length > 0 && found;
    },
    { what: `a process of ${part} to be there`, timeoutSeconds: PROCESS_SECONDS },
  );
  if (way === "stop") return hang(pids, stopSeconds);
  await kill(pids);
}

function cut({ settings }: LabUnderTest, part: PartName): Promise<void> {
  const { ports, vmAddress } = settings;
  switch (part) {
    case "azure":
      return cutConnections(ports.arm);
    case "azurite":
      return cutConnections(ports.blob);
    case "postgres":
      return cutConnections(ports.postgres);
    default:
      return cutConnections(SSH_PORT, vmAddress);
  }
}

const UNIT = "'blobfuse2-*.service'";

function guestCommand(part: PartName, way: Way, stopSeconds: number): string {
  if (part === "sshd") return "sudo pkill -KILL -x sshd";
  const signal = (name: string) => `sudo systemctl kill --signal=${name} ${UNIT}`;
  switch (way) {
    case "stop":
      return `${signal("STOP")}; sleep ${stopSeconds}; ${signal("CONT")}`;
    case "full":
      return "f=/var/cache/blobfuse2/filler; sudo dd if=/dev/zero of=$f bs=1M status=none; sleep 10; sudo rm $f";
    default:
      return signal("KILL");
  }
}

async function injectOnVm(
  lab: LabUnderTest,
  part: PartName,
  way: Way,
  stopSeconds: number,
): Promise<void> {
  // It ends the session that carries it out, or fails where the disk is full: so its result says nothing.
  await lab.onVm?.(guestCommand(part, way, stopSeconds));
}
