import * as fs from "node:fs";
import * as path from "node:path";
import { splitCsv } from "../../../../audit/decode/csv";
import { type AllOutputs, type StackOutputs } from "../../../../cli/access/stack-outputs";
import { readyStacks, type ReadyStack, writeCsv } from "../../../../cli/workshop/csv";
import { WorkshopFiles } from "../../../../cli/workshop/files";
import { type Stacks } from "../../../../cli/workshop/stacks";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();

/** @param passwords by attendee */
function outputsOf(passwords: Record<string, string>, vm?: Partial<StackOutputs>): AllOutputs {
  const server = {
    ownsServer: true,
    serverFqdn: "psqlflexi1.postgres.database.azure.com",
    databaseName: "pgbench",
    administratorLogin: "pgadmin",
    administratorPassword: "administrator's",
    attendeePasswords: passwords,
  };
  return vm ? { server, vm: { ...server, ...vm } as StackOutputs } : { server };
}

const VM = {
  vmAddress: "20.1.2.3",
  sshPort: 22,
  vmAdminUsername: "azureuser",
  sshHostKey: "ecdsa-sha2-nistp256 AAAA",
  sshPrivateKey: "-----BEGIN\nkey\n",
};

const alone = (name: string, password: string): ReadyStack => ({
  stack: `dev-workshop-${name}`,
  attendees: [name],
  outputs: outputsOf({ [name]: password }, VM),
});

const filesOf = () => new WorkshopFiles("dev", folder());
function rowsOf(file: string): Record<string, string>[] {
  const lines = fs.readFileSync(file, "utf8").trimEnd().split("\n");
  const [head = [], ...rows] = lines.map((line) => splitCsv(line) as string[]);
  return rows.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index] ?? ""])));
}
const modeOf = (file: string) => fs.statSync(file).mode & 0o777;

test("an attendee with a VM has its commands, address and key; without one, psql's whole words", async () => {
  const files = filesOf();
  const shared = { stack: "dev-workshop", attendees: ["carol", "dave"] };
  const outputs = outputsOf({ carol: "c", dave: "d" });
  await writeCsv(files, files.csv, [alone("alice", "a"), { ...shared, outputs }]);
  const [alice, carol, dave] = rowsOf(files.csv);
  expect(alice).toMatchObject({
    psql_command: "./lab psql --stack dev-workshop-alice --as alice",
    ssh_command: "./lab ssh --stack dev-workshop-alice",
    vm_address: "20.1.2.3",
    ssh_host_key: "ecdsa-sha2-nistp256 AAAA",
    database_user: "alice",
    database_password: "a",
  });
  const words =
    "host=psqlflexi1.postgres.database.azure.com dbname=pgbench user=carol sslmode=verify-full sslrootcert=system";
  expect(carol).toMatchObject({ psql_command: `psql "${words}"`, ssh_command: "", vm_address: "" });
  expect(dave).toMatchObject({ database_user: "dave", database_password: "d" });
  const text = fs.readFileSync(files.csv, "utf8");
  expect(text).toContain(`,"psql ""${words}""",`);
  expect(text).not.toContain("administrator's");
});

test("every value is read as it is, whatever characters it has", async () => {
  const files = filesOf();
  const odd = 'a,b;"c" \'d\\';
  await writeCsv(files, files.csv, [alone("alice", odd), alone("bob", "b")]);
  expect(rowsOf(files.csv).map(({ database_password }) => database_password)).toEqual([odd, "b"]);
});

test("no value begins as a formula of a spreadsheet", async () => {
  const files = filesOf();
  await writeCsv(files, files.csv, [
    alone("_alice", "a"),
    { stack: "dev-workshop", attendees: ["bob"], outputs: outputsOf({ bob: "b" }) },
  ]);
  const values = rowsOf(files.csv).flatMap((row) => Object.values(row));
  expect(values.filter((value) => /^[=+\-@\t\r]/.test(value))).toEqual([]);
});

test("only the host can read the file and the keys, also where others could read the file before", async () => {
  const files = filesOf();
  const csv = path.join(folder(), "own.csv");
  fs.writeFileSync(csv, "old", { mode: 0o644 });
  await writeCsv(files, csv, [alone("alice", "a")]);
  expect([csv, files.keyOf("dev-workshop-alice")].map(modeOf)).toEqual([0o600, 0o600]);
  expect(modeOf(files.folder)).toBe(0o700);
});

test("a further run keeps the rows and passwords of those that it didn't update", async () => {
  const files = filesOf();
  const before = [alone("alice", "a"), alone("bob", "b")];
  await writeCsv(files, files.csv, before);
  const first = fs.readFileSync(files.csv, "utf8");
  const stacks = {
    outputs: async (stack: string) => before.find((ready) => ready.stack === stack)?.outputs,
  } as Stacks;
  const timing = { seconds: 1, tries: 1, text: "" };
  const { outputs: value, ...bob } = alone("bob", "b");
  const results = [
    { stack: "dev-workshop-alice", attendees: ["alice"], ...timing, text: "failed" },
    { stack: "dev-workshop-carol", attendees: ["carol"], ...timing, text: "failed" },
    { ...bob, ...timing, value },
  ];
  const existing = before.map(({ stack, attendees }) => ({ stack, attendees }));
  await writeCsv(files, files.csv, await readyStacks(results, existing, stacks));
  expect(fs.readFileSync(files.csv, "utf8")).toBe(first);
});
