import * as path from "node:path";
import { stringify } from "csv-stringify/sync";
import { writeSecretFile } from "../../common/files";
import { PROJECT_ROOT } from "../../local/paths";
import { psqlWords } from "../access/psql-words";
import { type AllOutputs } from "../access/stack-outputs";
import { asAttendee } from "../access/attendee";
import { type WorkshopFiles } from "./files";
import { type PlannedStack } from "./plan";
import { type StackResult } from "./run";
import { type Stacks } from "./stacks";

/** A stack that is up. */
export interface ReadyStack extends PlannedStack {
  readonly outputs: AllOutputs;
}

/** What this run brought up, and what is up of the rest: its attendees keep their rows. */
export async function readyStacks(
  results: readonly StackResult<AllOutputs>[],
  existing: readonly PlannedStack[],
  stacks: Stacks,
): Promise<ReadyStack[]> {
  const done = results.flatMap(({ stack, attendees, value }) =>
    value ? [{ stack, attendees, outputs: value }] : [],
  );
  const rest = existing.filter(({ stack }) => done.every((ready) => ready.stack !== stack));
  const others = await Promise.all(
    rest.map(async (planned) => ({ ...planned, outputs: await stacks.outputs(planned.stack) })),
  );
  const ready = others.flatMap(({ outputs, ...planned }) =>
    outputs ? [{ ...planned, outputs }] : [],
  );
  return [...done, ...ready].sort((one, other) => one.stack.localeCompare(other.stack));
}

/** A row of the CSV: what one attendee needs, on this machine and on another. A field without a value is empty. */
interface Row {
  readonly attendee: string;
  readonly stack: string;
  readonly psql_command: string;
  readonly trail_command: string;
  readonly ssh_command: string;
  readonly vm_address: string;
  readonly ssh_port: string;
  readonly vm_user: string;
  readonly ssh_host_key: string;
  /** The file with the private key. */
  readonly ssh_key_file: string;
  readonly server: string;
  readonly database: string;
  readonly database_user: string;
  readonly database_password: string;
}

/** Writes the rows of all stacks that are up, and the private key of each attendee's own VM. Both are secret. */
export async function writeCsv(
  files: WorkshopFiles,
  file: string,
  stacks: readonly ReadyStack[],
): Promise<void> {
  const rows = await Promise.all(stacks.map((ready) => rowsOf(files, ready)));
  writeSecretFile(file, stringify(rows.flat(), { header: true, columns: COLUMNS }));
}

const COLUMNS: (keyof Row)[] = [
  ...(["attendee", "stack", "psql_command", "trail_command", "ssh_command"] as const),
  ...(["vm_address", "ssh_port", "vm_user", "ssh_host_key", "ssh_key_file"] as const),
  ...(["server", "database", "database_user", "database_password"] as const),
];

function rowsOf(files: WorkshopFiles, ready: ReadyStack): Promise<Row[]> {
  const { stack, attendees, outputs } = ready;
  // Whoever administers a VM sees what all others do there.
  const vm = isShared(ready) ? undefined : outputs.vm;
  const keyFile = files.keyOf(stack);
  if (vm) writeSecretFile(keyFile, `${vm.sshPrivateKey.trimEnd()}\n`);
  return Promise.all(
    attendees.map(async (attendee): Promise<Row> => {
      const server = asAttendee(outputs.server, attendee);
      return {
        attendee,
        stack,
        psql_command: outputs.vm
          ? `./lab psql --stack ${stack} --as ${attendee}`
          : psqlCommand(await psqlWords(stack, server), server),
        trail_command: `./lab audit --stack ${stack} --user ${attendee} --follow`,
        ssh_command: vm ? `./lab ssh --stack ${stack}` : "",
        vm_address: vm?.vmAddress ?? "",
        ssh_port: vm ? String(vm.sshPort) : "",
        vm_user: vm?.vmAdminUsername ?? "",
        ssh_host_key: vm?.sshHostKey ?? "",
        ssh_key_file: vm ? path.relative(PROJECT_ROOT, keyFile) : "",
        server: server.serverFqdn,
        database: server.databaseName,
        database_user: attendee,
        database_password: server.administratorPassword,
      };
    }),
  );
}

/** A stack of several, or one that may get others. */
export const isShared = ({ stack, attendees: [name = ""] }: PlannedStack): boolean =>
  !stack.endsWith(`-workshop-${name}`);

/** For a server that is reached from here; psql asks for the password where no file has it. */
function psqlCommand(
  words: readonly string[] | undefined,
  { serverFqdn, databaseName, administratorLogin }: AllOutputs["server"],
): string {
  const elsewhere = [
    ...[`host=${serverFqdn}`, `dbname=${databaseName}`, `user=${administratorLogin}`],
    ...["sslmode=verify-full", "sslrootcert=system"],
  ];
  return `psql "${(words ?? elsewhere).join(" ")}"`;
}
