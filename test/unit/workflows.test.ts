import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "yaml";

const ROOT = path.resolve(__dirname, "../..");
const FOLDER = path.join(ROOT, ".github/workflows");

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
}

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly jobs: Readonly<Record<string, Job>>;
}

const FILES = fs.readdirSync(FOLDER).map((file) => {
  const text = fs.readFileSync(path.join(FOLDER, file), "utf8");
  return { file, text, workflow: yaml.parse(text) as Workflow };
});
const workflow = (file: string): Workflow =>
  FILES.find((each) => each.file === file)?.workflow ?? { jobs: {} };

describe.each(FILES)("$file", ({ file, text, workflow: { permissions, jobs } }) => {
  test("uses actions of others by commit, with the version in a comment", () => {
    const uses = [...text.matchAll(/uses: (.*)/g)].map(([, action = ""]) => action);
    for (const action of uses.filter((each) => !each.startsWith("./"))) {
      expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test("may only read, except for what a job names; it uses no stored secret", () => {
    expect(permissions).toEqual({ contents: "read" });
    for (const job of Object.values(jobs)) {
      expect(["read", undefined]).toContain(job.permissions?.contents);
    }
    expect(text).not.toMatch(/\bsecrets\./);
  });

  test("runs scripts that exist, and is in the documentation", () => {
    for (const [, script = ""] of text.matchAll(/(scripts\/[\w/.-]+\.ts)/g)) {
      expect(fs.existsSync(path.join(ROOT, script))).toBe(true);
    }
    const page = fs.readFileSync(path.join(ROOT, "docs/github-actions.md"), "utf8");
    expect(page).toContain(`| \`${file}\``);
  });
});

test("what changes Azure runs one at a time, is never cancelled, and needs an approval", () => {
  for (const [file, job] of [
    ["up.yml", "up"],
    ["destroy.yml", "destroy"],
  ] as const) {
    const { concurrency, jobs } = workflow(file);
    expect(concurrency).toEqual({ group: "stack-dev", "cancel-in-progress": false });
    expect(jobs[job]?.environment).toBe("azure-dev");
  }
});

test("what only looks has the identity that can't change anything", () => {
  for (const [file, job] of [
    ["preview.yml", "preview"],
    ["up.yml", "preview"],
    ["drift.yml", "drift"],
  ] as const) {
    expect(workflow(file).jobs[job]).toBeDefined();
    expect(workflow(file).jobs[job]?.environment).toBeUndefined();
  }
});
