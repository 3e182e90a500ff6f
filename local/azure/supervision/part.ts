/** The parts of local Azure that are supervised. `status` and the journal show these names. */
export type PartName =
  "Azurite" | "PostgreSQL" | "PostgreSQL gateway" | "VM" | "package repository" | "log shipper";

export interface Problem {
  /** Follows the part's name: `doesn't answer`. */
  readonly text: string;
  readonly isStarting?: boolean;
}

/** What the supervisor needs of a part: a process, or a service in local Azure's own process. */
export interface Part {
  readonly name: PartName;
  /** Identifies it among several parts with the name: the server's name, the VM's key. */
  readonly instance?: string;
  /** How messages name the instance. @default instance */
  readonly label?: string;
  readonly logFile: string;
  /** Parts that are started before this one, if they can be. @default none */
  readonly needs?: readonly PartName[];
  readonly probe: {
    /** Time between two probes of a part that answers. */
    readonly everySeconds: number;
    /** So many failed probes in a row make a part silent: one alone doesn't, on a machine under load. */
    readonly count: number;
    /** The same for a part that says that it is still starting. @default count */
    readonly countWhileStarting?: number;
    /** What is done then: a slow guest is no broken one. */
    readonly whenSilent: "restart" | "report";
  };
  /** Why it doesn't run, if that is as someone wishes; undefined if it should run. */
  stoppedBy(): string | undefined;
  /** Whether another operation starts, stops or changes it now: it isn't judged meanwhile. */
  isBusy(): boolean;
  isRunning(): boolean;
  /** How it ended last, as far as it is known. */
  howItEnded(): string | undefined;
  /** What is wrong with the running part; undefined if it works. */
  problem(): Promise<Problem | undefined>;
  /** Starts it if it doesn't run; resolves when it works. @throws Error if it ends, or doesn't work in a long time */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops and starts it, for a person. */
  restart(): Promise<void>;
}

/**
 * - `stopped`: as someone wishes
 * - `starting`: being started
 * - `ready`: works
 * - `silent`: runs, and doesn't answer
 * - `stopping`: being stopped, to be started again
 * - `waiting`: ended; started again after a delay, or after the parts that it needs
 * - `failed`: ended too often; started again when a person asks for it
 */
export type PartState =
  "stopped" | "starting" | "ready" | "silent" | "stopping" | "waiting" | "failed";

/** The state of a part as it is reported. */
export interface PartReport {
  readonly name: PartName;
  readonly instance?: string;
  readonly label?: string;
  readonly state: PartState;
  /** ISO 8601: when it entered the state. */
  readonly since: string;
  /** Why, in words. */
  readonly why?: string;
  readonly logFile: string;
}

/** A change of a part's state, in words for people. */
export interface PartEvent {
  /** ISO 8601. */
  readonly time: string;
  readonly part: PartName | "local Azure";
  readonly instance?: string;
  /** Set only where local Azure has several parts with the name. */
  readonly label?: string;
  readonly state: PartState;
  /** `was ended by SIGKILL; starts again in 1 s`: follows the part's name. */
  readonly text: string;
}

/** `VM pg-audit-vm` */
export const fullName = ({
  name,
  instance,
  label = instance,
}: Pick<PartReport, "name" | "instance" | "label">): string =>
  [name, label].filter(Boolean).join(" ");

/** `VM`, or `VM pg-audit-vm in group` where local Azure has several. */
export const eventName = ({ part, label }: Pick<PartEvent, "part" | "label">): string =>
  [part, label].filter(Boolean).join(" ");
