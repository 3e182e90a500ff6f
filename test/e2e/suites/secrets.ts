import * as fs from "node:fs";
import * as https from "node:https";
import * as os from "node:os";
import * as path from "node:path";
import { Client } from "pg";
import { LOOPBACK } from "../../../common/ports";
import { shellQuote } from "../../../common/shell-quote";
import { readSettings } from "../../../local/azure/settings";
import { LabPaths, PROJECT_ROOT } from "../../../local/paths";
import { exposedFiles } from "../../support/exposed-files";
import { ProcessWatch } from "../../support/process-watch";
import { type Needle, needlesOf } from "../../support/secret-needles";
import {
  findings,
  JOURNAL_SEARCH,
  leaks,
  searchCommand,
  searchInput,
} from "../../support/secret-search";
import { output, onVm, run, sql } from "../lab-driver";
import { stackSecrets } from "../stack-secrets";

const MINUTE = 60_000;
const paths = new LabPaths();

/** Where the secrets belong on this machine: closed to other users. */
const HOMES = [
  paths.secrets,
  path.join(paths.postgres, "[^/]+", "data", "server\\.key"),
  // The VM's disk contains its host keys and blobfuse2's configuration.
  path.join(paths.virtualMachines, "[^/]+", "[^/]+", "disk\\.qcow2"),
].map((place) => new RegExp(`^${place}`));

/** Folders of `.lab` that are large and older than the lab. */
const BUILDS = ["image", "python"];

/** Where the secrets belong on the VM. */
const VM_HOMES = [
  /^\/etc\/pg-audit-lab-blobfuse2\.yaml$/,
  // What its unit derives from that for the mount without a cache.
  /^\/run\/pg-audit-lab\/blobfuse2_\w+_pg-audit-lab_uncached_container\.yaml$/,
  /^\/etc\/ssh\/ssh_host_\w+_key$/,
  // Azure's custom data, which has the host keys.
  /^\/var\/lib\/cloud\//,
];

const VM_PLACES = ["/etc", "/home", "/root", "/run", "/tmp", "/var", "/dev/shm", "/opt", "/srv"];

/** A token or a shared access signature, whatever its value. */
const CREDENTIAL =
  "Bearer [A-Za-z0-9._~+/-]{20,}|[?&]sig=[A-Za-z0-9%+/]{20,}|AccountKey=[A-Za-z0-9+/]{20,}";

/** What must not be found anywhere: on this machine, and on the VM; and what other users can't do. */
export function keepsSecrets(): void {
  const watch = new ProcessWatch();
  const start = Date.now();
  let needles: Needle[] = [];

  // From the first command of the lab on: the secrets' names are known only at the end.
  beforeAll(() => watch.start());
  afterAll(() => watch.stop());

  describe("secrets", () => {
    beforeAll(async () => {
      needles = (await stackSecrets()).flatMap(needlesOf);
    }, 2 * MINUTE);

    const search = async (command: string, onMachine = run) => {
      const { stdout } = await onMachine(command, 10 * MINUTE, searchInput(needles));
      return findings(stdout, needles);
    };
    const searchVm = async (command: string) =>
      findings(await onVm(command, searchInput(needles)), needles);

    it("were in no argument of a program, and in no environment of another user's", () => {
      expect(watch.count).toBeGreaterThan(50);
      expect(watch.leaks(needles)).toEqual([]);
    });

    it("are in no file of this machine but where they belong", async () => {
      const places = [paths.root, ...newFiles(start)];
      expect(leaks(await search(searchCommand(places, { skipped: BUILDS })), HOMES)).toEqual([]);
    });

    it("are in no file of the VM but where they belong, closed to others", async () => {
      const found = await searchVm(searchCommand(VM_PLACES, { sudo: "sudo" }));
      expect(leaks(found, VM_HOMES)).toEqual([]);
      expect(found.map(({ file }) => file)).toContain("/etc/pg-audit-lab-blobfuse2.yaml");
      const files = [...new Set(found.map(({ file }) => file))].map(shellQuote).join(" ");
      const nobody = "sudo -u nobody";
      expect(
        await onVm(`for file in ${files}; do ${nobody} cat "$file" 2>/dev/null; done; true`),
      ).toBe("");
    });

    it("are not in the VM's journal, nor in an argument there", async () => {
      expect(leaks(await searchVm(JOURNAL_SEARCH), [])).toEqual([]);
      const seen = "/run/pg-audit-lab-arguments";
      const look = `while [ -e ${seen} ]; do cat /proc/[0-9]*/cmdline >>${seen} 2>/dev/null; sleep 0.1; done`;
      await onVm(
        `sudo touch ${seen}; sudo systemd-run --quiet --collect bash -c ${shellQuote(look)}`,
      );
      try {
        await sql("SELECT 'while the arguments are read'");
        expect(leaks(await searchVm(searchCommand([seen], { sudo: "sudo" })), [])).toEqual([]);
      } finally {
        await onVm(`sudo rm ${seen}`);
      }
    });

    it("include tokens and signatures, which are in no log", async () => {
      const grep = `grep -raoE ${shellQuote(CREDENTIAL)}`;
      const logs = [paths.logs, paths.pulumiState, paths.arm, paths.run].map(shellQuote).join(" ");
      expect((await run(`${grep} ${logs} | cut -c 1-80`)).stdout).toBe("");
      expect(await onVm(`sudo journalctl --no-pager -o cat | ${grep} - | cut -c 1-80`)).toBe("");
    });
  });

  describe("another user of this machine", () => {
    it("can read and connect to nothing of the lab", () => {
      const places = [
        ...[paths.secrets, paths.pulumiState, paths.logs, paths.run, path.dirname(paths.arm)],
        ...fs
          .readdirSync(os.tmpdir())
          .filter((name) => name.startsWith("pg-audit-lab-"))
          .map((name) => path.join(os.tmpdir(), name)),
      ];
      expect(places.flatMap(exposedFiles)).toEqual([]);
    });

    it("can't call the Resource Manager without a token, nor read a blob without a key", async () => {
      const { ports, subscriptionId } = settings();
      const groups = `/subscriptions/${subscriptionId}/resourcegroups?api-version=2024-03-01`;
      expect(await statusOf(ports.arm, groups)).toBe(401);
      expect(await statusOf(ports.arm, "/local-azure/restart/azurite", "POST")).toBe(401);
      const account = await output("storageAccountName");
      const list = `/${account}/insights-logs-postgresqllogs?restype=container&comp=list`;
      expect(await statusOf(ports.blob, list)).toBeGreaterThanOrEqual(400);
    });

    it("can't sign in to PostgreSQL without a password", async () => {
      const ca = fs.readFileSync(paths.caCertificate, "utf8");
      for (const user of ["pgadmin", "azuresu", "postgres"]) {
        const client = new Client({
          ...{ host: LOOPBACK, port: settings().ports.postgres, user, database: "postgres" },
          password: "",
          ssl: { ca, servername: await output("serverFqdn") },
        });
        await expect(client.connect()).rejects.toThrow();
        await client.end().catch(() => undefined);
      }
    });
  });
}

function settings() {
  const found = readSettings(paths);
  if (!found) throw new Error("no lab is set up");
  return found;
}

/** The status of a request without credentials. */
function statusOf(port: number, place: string, method = "GET"): Promise<number> {
  const ca = fs.readFileSync(paths.caCertificate);
  return new Promise((resolve, reject) => {
    const call = https.request(
      { host: LOOPBACK, port, path: place, method, ca, agent: false },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    );
    call.on("error", reject).end();
  });
}

/** What was written since then where programs leave files: temporary folders, the home folder, core files. */
function newFiles(since: number): string[] {
  const home = os.homedir();
  const places = [
    ...[os.tmpdir(), "/var/tmp", "/dev/shm", "/var/crash", "/var/lib/systemd/coredump"],
    ...[".bash_history", ".psql_history", ".pulumi", ".ssh", ".azure", ".cache"].map((name) =>
      path.join(home, name),
    ),
  ].filter((place) => fs.existsSync(place));
  const entries = places.flatMap((place) =>
    fs.statSync(place).isDirectory()
      ? fs.readdirSync(place).map((name) => path.join(place, name))
      : [place],
  );
  const cores = fs.readdirSync(PROJECT_ROOT).filter((name) => /^core(\.\d+)?$/.test(name));
  return [...entries, ...cores.map((name) => path.join(PROJECT_ROOT, name))].filter((entry) => {
    const stat = fs.lstatSync(entry, { throwIfNoEntry: false });
    const isProject = `${PROJECT_ROOT}/`.startsWith(`${entry}/`);
    return stat !== undefined && stat.mtimeMs >= since && !isProject;
  });
}
