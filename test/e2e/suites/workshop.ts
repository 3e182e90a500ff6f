import * as fs from "node:fs";
import * as path from "node:path";
import { pollUntil } from "../../../common/poll";
import { LabPaths, PROJECT_ROOT } from "../../../local/paths";
import { run, status, succeed } from "../lab-driver";

const MINUTE = 60_000;
const STACK = { alice: "local-workshop-alice", bob: "local-workshop-bob" } as const;
type Name = keyof typeof STACK;
const NAMES = Object.keys(STACK) as Name[];
const FOLDER = path.join(PROJECT_ROOT, "workshop");
/** One of the two stacks fails with it at first. */
const FAULT = JSON.stringify([
  {
    ...{ method: "PUT", type: "Microsoft.DBforPostgreSQL/flexibleServers" },
    effect: { kind: "failOperation", message: "The region had no capacity for a moment." },
  },
]);

const ofTrail = async (name: Name): Promise<string> =>
  (await run(`./lab audit --stack ${STACK[name]} --class DDL --format json`)).stdout;

/** Two attendees with a stack each, on local Azure at the same time. */
export function bringsUpAWorkshop(): void {
  describe("a workshop", () => {
    it("comes up, though the creation of a server fails at first", async () => {
      const command = "./lab workshop up --attendees alice,bob";
      const printed = await succeed(`LOCAL_AZURE_FAULTS='${FAULT}' ${command}`, 15 * MINUTE);
      const tries = NAMES.map((name) => new RegExp(`^ *${name} .*`, "m").exec(printed)?.[0] ?? "");
      expect(tries).toEqual(NAMES.map(() => expect.stringContaining("done") as string));
      expect(tries.map((line) => /\b(\d+) s +(\d) /.exec(line)?.[2]).sort()).toEqual(["1", "2"]);
      const { parts } = await status();
      expect(parts.filter(({ name }) => name === "PostgreSQL")).toHaveLength(2);
      expect(parts.filter(({ name }) => name === "VM")).toHaveLength(2);
    });

    it("gives each attendee a trail that names nobody else", async () => {
      for (const name of NAMES) {
        const sql = `CREATE TABLE notes_of_${name}(id int)`;
        await succeed(`./lab psql --stack ${STACK[name]} --as ${name} -c '${sql}'`, 2 * MINUTE);
      }
      for (const [name, other] of [NAMES, [...NAMES].reverse()] as [Name, Name][]) {
        const trail = await pollUntil(
          async () => {
            const text = await ofTrail(name);
            return text.includes(`notes_of_${name}`) && text;
          },
          { what: `${name}'s statement in the trail`, timeoutSeconds: 60 },
        );
        expect(trail).not.toContain(`notes_of_${other}`);
        expect(trail).not.toContain(`"user":"${other}"`);
      }
    });

    it("has a CSV that only its owner can read, and is refused a plain `./lab down`", async () => {
      const csv = path.join(FOLDER, "local", "attendees.csv");
      expect(fs.statSync(csv).mode & 0o777).toBe(0o600);
      const [head = "", ...rows] = fs.readFileSync(csv, "utf8").trimEnd().split("\n");
      expect(head).toMatch(/^attendee,stack,psql_command,trail_command,ssh_command,/);
      expect(rows.map((row) => row.split(",")[0])).toEqual(NAMES);
      const { exitCode, all } = await run("./lab down");
      expect([exitCode, all]).toEqual([1, expect.stringContaining("./lab workshop down")]);
    });

    it("isn't changed by a second up", async () => {
      const printed = await succeed("./lab workshop up", 10 * MINUTE);
      expect(printed.match(/\bunchanged\b/g)?.length).toBeGreaterThanOrEqual(NAMES.length);
    });

    it("goes down and leaves nothing", async () => {
      await succeed("./lab workshop down", 10 * MINUTE);
      expect((await status()).isUp).toBe(false);
      expect(fs.existsSync(FOLDER)).toBe(false);
      expect(fs.existsSync(new LabPaths().arm)).toBe(false);
      const left = fs.readdirSync(PROJECT_ROOT).filter((file) => /workshop/.test(file));
      expect(left).toEqual([]);
      const { stdout } = await run('pgrep --full -- "$PWD/.lab" || true');
      expect(stdout).toBe("");
    });
  });
}
