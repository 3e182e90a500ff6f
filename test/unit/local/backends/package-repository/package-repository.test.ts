import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { ensurePackageRepository } from "../../../../../local/backends/package-repository/package-repository";
import { buildRpm } from "../../../../../local/backends/package-repository/rpm-build";
import { UserError } from "../../../../../common/user-error";

const missing = ["rpmbuild", "rpmsign", "createrepo_c", "gpg"].filter(
  (tool) => spawnSync(tool, ["--version"]).error !== undefined,
);
const withTools = missing.length === 0 ? describe : describe.skip;

let folder: string;
let packages: string;
let lines: string[];
const ensure = () => ensurePackageRepository({ packages }, (line) => lines.push(line));
const inTree = (...parts: string[]) => path.join(packages, "repository", ...parts);
const BLOBFUSE2 = path.join(
  "rhel",
  "8",
  "prod",
  "Packages",
  "b",
  "blobfuse2-2.5.9-1.test.x86_64.rpm",
);

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "package-repository-"));
  packages = path.join(folder, "packages");
  lines = [];
});

afterEach(() => {
  delete process.env.LAB_BLOBFUSE2;
  fs.rmSync(folder, { recursive: true, force: true });
});

withTools(
  `a repository with a named rpm${missing.length > 0 ? `: needs ${missing.join()}` : ""}`,
  () => {
    /** Creates a small rpm instead of Microsoft's; only its version differs. */
    async function nameBlobfuse2(version: string): Promise<void> {
      const tree = path.join(folder, "tree");
      fs.mkdirSync(path.join(tree, "usr", "bin"), { recursive: true });
      fs.writeFileSync(path.join(tree, "usr", "bin", "blobfuse2"), "#!/bin/sh\n", { mode: 0o755 });
      process.env.LAB_BLOBFUSE2 = await buildRpm(
        "blobfuse2",
        { lab_version: version, lab_release: "1.test", lab_summary: "A test", lab_tree: tree },
        folder,
      );
    }

    beforeEach(() => nameBlobfuse2("2.5.9"));

    test("is built once where two labs that share the folder need it at once", async () => {
      const [one, two] = await Promise.all([ensure(), ensure()]);
      expect(two).toEqual(one);
      expect(lines.filter((line) => line.startsWith("building"))).toHaveLength(1);
    });

    test("has Microsoft's paths, and is signed with the key that it serves", async () => {
      await expect(ensure()).resolves.toEqual({
        root: inTree(),
        blobfuse2: "real",
        version: "2.5.9-1.test",
      });
      const database = path.join(folder, "rpmdb");
      execFileSync("rpmkeys", ["--dbpath", database, "--import", inTree("keys", "microsoft.asc")]);
      for (const rhel of ["8", "9"]) {
        const config = inTree("config", "rhel", rhel, "packages-microsoft-prod.rpm");
        const rpms = [config, inTree(BLOBFUSE2.replace("8", rhel))];
        const verdict = execFileSync("rpmkeys", ["--dbpath", database, "--checksig", ...rpms]);
        expect(verdict.toString().match(/digests signatures OK/g)).toHaveLength(2);
        const repodata = fs.readdirSync(inTree("rhel", rhel, "prod", "repodata"));
        expect(repodata).toEqual(expect.arrayContaining(["repomd.xml", "repomd.xml.asc"]));
      }
      expect(fs.readdirSync(packages).sort()).toEqual(["manifest.json", "repository"]);
    });

    test("is built once, and rebuilt for another blobfuse2", async () => {
      await ensure();
      await ensure();
      expect(lines).toHaveLength(1);
      await nameBlobfuse2("2.6.0");
      await expect(ensure()).resolves.toMatchObject({ version: "2.6.0-1.test" });
      expect(fs.existsSync(inTree(BLOBFUSE2))).toBe(false);
    });

    test("is rebuilt if a file is damaged, or after an interrupted build", async () => {
      await ensure();
      fs.appendFileSync(inTree(BLOBFUSE2), "x");
      fs.mkdirSync(path.join(packages, "build"));
      fs.writeFileSync(path.join(packages, "build", "half"), "");
      await ensure();
      expect(lines[1]).toContain("its files are damaged");
      expect(fs.readdirSync(packages).sort()).toEqual(["manifest.json", "repository"]);
      fs.rmSync(path.join(packages, "manifest.json"));
      await ensure();
      expect(lines).toHaveLength(3);
    });

    test("refuses an rpm of another package", async () => {
      process.env.LAB_BLOBFUSE2 = await buildRpm(
        "packages-microsoft-prod",
        { lab_rhel: "8" },
        folder,
      );
      await expect(ensure()).rejects.toThrow(/is an rpm of packages-microsoft-prod/);
    });
  },
);

test.each([
  ["a text", "neither an rpm nor a Linux executable"],
  [undefined, "not readable (ENOENT)"],
])("LAB_BLOBFUSE2 naming %p is refused with what to do", async (content, message) => {
  process.env.LAB_BLOBFUSE2 = path.join(folder, "blobfuse2");
  if (content !== undefined) fs.writeFileSync(process.env.LAB_BLOBFUSE2, content);
  const refusal: unknown = await ensure().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(UserError);
  expect((refusal as UserError).message).toContain(message);
  expect((refusal as UserError).message).toContain("or unset it to use the stand-in");
});
