import {
  partToRestart,
  restartCommand,
  restartRoute,
  type RestartWord,
} from "../../../../local/azure/restart";
import { type PartReport } from "../../../../local/azure/supervision/part";

type Known = Pick<PartReport, "name" | "instance">;

const vm = (instance: string): Known => ({ name: "VM", instance });
const server = (instance: string): Known => ({ name: "PostgreSQL", instance });

const ONE: readonly Known[] = [
  { name: "Azurite" },
  server("psql-lab"),
  { name: "log shipper" },
  vm("pg-workshop/pg-audit-vm"),
];
const SEVERAL: readonly Known[] = [
  ...ONE,
  server("psql-alice"),
  vm("pg-alice/pg-audit-vm"),
  vm("other/vm-b"),
];

const routeOf = (word: RestartWord, name?: string, reports = SEVERAL) =>
  restartRoute(word, partToRestart(word, name, reports).instance);

test("a part that there is once needs no name", () => {
  expect(routeOf("azurite")).toBe("restart/azurite");
  expect(routeOf("vm", undefined, ONE)).toBe("restart/vm?instance=pg-workshop%2Fpg-audit-vm");
  expect(routeOf("postgres", "PSQL-LAB", ONE)).toBe("restart/postgres?instance=psql-lab");
});

test("one of several is restarted by its name, or by its group and name where the name is ambiguous", () => {
  expect(routeOf("postgres", "psql-alice")).toBe("restart/postgres?instance=psql-alice");
  expect(routeOf("vm", "vm-b")).toBe("restart/vm?instance=other%2Fvm-b");
  expect(routeOf("vm", "PG-Alice/pg-audit-vm")).toBe("restart/vm?instance=pg-alice%2Fpg-audit-vm");
});

test("each command that a message gives restarts its part", () => {
  for (const part of SEVERAL.filter(({ instance }) => instance !== undefined)) {
    const [, , word, name] = restartCommand(part, SEVERAL).split(" ");
    expect(partToRestart(word as RestartWord, name, SEVERAL)).toBe(part);
  }
  expect(restartCommand(vm("pg-workshop/pg-audit-vm"), ONE)).toBe("./lab restart vm");
  expect(restartCommand({ name: "log shipper" }, ONE)).toBe("./lab restart azure");
});

const VM_COMMANDS =
  "Give one of these commands:\n  ./lab restart vm pg-alice/pg-audit-vm\n  ./lab restart vm pg-workshop/pg-audit-vm\n  ./lab restart vm vm-b";

test.each<[RestartWord, string | undefined, string]>([
  ["vm", undefined, `There are 3 parts "VM", and one is restarted at a time. ${VM_COMMANDS}`],
  ["vm", "pg-audit-vm", `More than one part "VM" has the name pg-audit-vm. ${VM_COMMANDS}`],
  ["vm", "audit-vm", `No part "VM" has the name audit-vm. ${VM_COMMANDS}`],
  [
    "azurite",
    "x",
    'No part "Azurite" has the name x. Give one of these commands:\n  ./lab restart azurite',
  ],
  [
    "gateway",
    undefined,
    "Local Azure has no PostgreSQL gateway now. `./lab status` shows what there is.",
  ],
])("%s %s is refused, with the names that there are", (word, name, message) => {
  expect(() => partToRestart(word, name, SEVERAL)).toThrow(message);
});
