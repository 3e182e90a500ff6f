import * as fs from "node:fs";
import * as path from "node:path";
import { COMMENT_LIMIT, renderComment } from "../../../../scripts/preview-comment/comment";
import { Change, Preview, readPreview } from "../../../../scripts/preview-comment/preview";

/** Real previews of the local stack; fixtures/README.md says of what. */
const fixture = (name: string) => fs.readFileSync(path.join(__dirname, "fixtures", name), "utf8");
const comment = (name: string, diff = "") =>
  renderComment({ stack: "dev", preview: readPreview(fixture(`${name}.json`)), diff });
const rows = (markdown: string) => markdown.split("\n").filter((line) => /^\| `/.test(line));

const change = (more: Partial<Change> = {}): Change => ({
  operation: "update",
  type: "azure-native:network:Subnet",
  name: "subnet",
  properties: ["tags"],
  replacing: [],
  ...more,
});
const render = (preview: Partial<Preview>, diff = "") =>
  renderComment({ stack: "dev", preview: { changes: [], errors: [], ...preview }, diff });

describe("a real preview", () => {
  test("without changes says so, under the marker, and shows no table", () => {
    expect(comment("no-change")).toBe(
      "<!-- pulumi preview of dev -->\n### Preview of `dev`\n\n**No changes.**\n\n",
    );
  });

  test("of one server parameter has one row, with the property that changes", () => {
    const markdown = comment("update", fixture("update.diff.txt"));
    expect(markdown).toContain("**1 to update**");
    expect(rows(markdown)).toEqual([
      "| `~` update | `postgres-pgaudit-log` | `azure-native:dbforpostgresql:Configuration` | `value` |",
    ]);
    expect(markdown).toContain('~ value: "ALL" => "READ,WRITE"');
  });

  test("of several changes counts each kind, the gravest first, and names what replaces", () => {
    const markdown = comment("replace", fixture("replace.diff.txt"));
    expect(markdown).toContain(
      "**1 to delete**, **1 to replace**, **1 to update**, **1 to create**",
    );
    expect(rows(markdown)).toEqual([
      "| `-` delete | `vm-auto-shutdown` | `azure-native:devtestlab:GlobalSchedule` |  |",
      "| `+-` replace | `postgres-database` | `azure-native:dbforpostgresql:Database` | `databaseName` (replaces) |",
      "| `~` update | `audit-extension` | `command:remote:Command` | `create` |",
      "| `+` create | `mount-write-v1-config` | `command:remote:Command` |  |",
    ]);
  });

  test("shows the diff folded away, its signs where GitHub colors them, its secrets hidden", () => {
    const markdown = comment("replace", fixture("replace.diff.txt"));
    expect(markdown).toContain("\n<details><summary>The whole diff</summary>\n\n```diff\n");
    expect(markdown).toContain("\n-     azure-native:devtestlab:GlobalSchedule: (delete)");
    expect(markdown).toContain("stdin                 : [secret]");
  });

  test("that fails shows the error instead of changes", () => {
    const markdown = comment("invalid-config", "Previewing update (local):");
    expect(markdown).toContain("**The preview failed**");
    expect(markdown).toContain(
      "The configuration has 2 problems:\n  - sshSourceAddressPrefixes[0]",
    );
    expect(markdown).not.toContain("<details>");
  });
});

test("a preview that printed no JSON shows what the CLI complained of", () => {
  const preview = readPreview("", "error: no stack named 'dev' found\n");
  expect(render(preview)).toContain("```\nerror: no stack named 'dev' found\n```");
});

test("an error's terminal colors are taken out", () => {
  const message = "\u001b[36m<ref *1>\u001b[39m Error: fetch failed\n";
  const preview = readPreview(
    JSON.stringify({ steps: [], diagnostics: [{ message, severity: "error" }] }),
  );
  expect(preview.errors).toEqual(["<ref *1> Error: fetch failed"]);
});

test("a component isn't counted: nothing is done to it in any cloud", () => {
  const step = (name: string, custom: boolean) => ({
    op: "create",
    urn: `urn:pulumi:dev::pg-audit-lab::pg-audit-lab:index:RhelVm$t::${name}`,
    newState: { custom },
  });
  const { changes } = readPreview(
    JSON.stringify({ steps: [step("component", false), step("resource", true)] }),
  );
  expect(changes.map(({ name }) => name)).toEqual(["resource"]);
});

test("an operation that it doesn't know is counted and listed under its own name", () => {
  const markdown = render({ changes: [change(), change({ operation: "import" })] });
  expect(markdown).toContain("**1 to update**, **1 to import**");
  expect(rows(markdown)[0]).toContain("`?` import");
});

test("many changed properties of a resource are cut short", () => {
  const properties = Array.from({ length: 11 }, (_, index) => `rules[${index}]`);
  expect(rows(render({ changes: [change({ properties })] }))[0]).toMatch(
    /`rules\[7\]`, 3 more \|$/,
  );
});

test("a name can't break out of its cell, nor a diff out of its block", () => {
  const name = "a`|b";
  const markdown = render({ changes: [change({ name })] }, "~ text: ```\n</details>");
  expect(rows(markdown)[0]).toContain("`` a`\\|b ``");
  expect(markdown).toContain("````diff\n~ text: ```\n</details>\n````\n");
});

describe("a comment stays below GitHub's limit", () => {
  const long = "x".repeat(200);

  test.each([
    ["a diff", { changes: [change()] }, `${long}\n`.repeat(1000)],
    ["a diff of one line", { changes: [change()] }, long.repeat(1000)],
    [
      "a table",
      { changes: Array.from({ length: 5000 }, () => change()) },
      `${long}\n`.repeat(1000),
    ],
    ["an error", { errors: [`${long}\n`.repeat(1000)] }, ""],
    ["an error of one line", { errors: [long.repeat(1000)] }, ""],
  ])("with %s that is too long, and says what is left out", (_, preview, diff) => {
    const markdown = render(preview, diff);
    expect(markdown.length).toBeLessThanOrEqual(COMMENT_LIMIT);
    expect(markdown).toMatch(/… (and )?\d+ more/);
    expect(markdown.endsWith("\n")).toBe(true);
  });

  test("a diff that just fits is whole", () => {
    const frame = render({ changes: [change()] }, "~").length - 1;
    const markdown = render({ changes: [change()] }, "~".repeat(COMMENT_LIMIT - frame - 1));
    expect(markdown).not.toContain("more lines");
    expect(markdown.length).toBeGreaterThan(COMMENT_LIMIT - 10);
  });
});

test.each([
  [
    "a private key",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----",
  ],
  ["a private key that is cut off", "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKC"],
  ["a storage account's key", `${"Ab1+".repeat(21)}Zz==`],
  ["a connection string's key", "AccountName=a;AccountKey=c2VjcmV0"],
  ["a signature", "https://a.blob.core.windows.net/c?sp=rl&sig=Zm9v%2Bbar"],
  ["a token", "Bearer eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl"],
  ["a password in a URL", "postgres://pgadmin:hunter2@server/db"],
])("%s that an error or a diff holds is not shown", (_, text) => {
  for (const markdown of [render({ errors: [text] }), render({ changes: [change()] }, text)]) {
    expect(markdown).toContain("[secret]");
    expect(markdown).not.toMatch(/b3BlbnNz|MIIEow|Ab1\+Ab1|c2VjcmV0|Zm9v|c2lnbmF0|hunter2/);
  }
});
