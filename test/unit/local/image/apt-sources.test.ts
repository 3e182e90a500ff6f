import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { readAptSources } from "../../../../local/image/apt-sources";

let apt: string;

beforeEach(() => {
  apt = fs.mkdtempSync(path.join(os.tmpdir(), "apt-"));
  fs.mkdirSync(path.join(apt, "sources.list.d"));
});
afterEach(() => fs.rmSync(apt, { recursive: true }));

const write = (name: string, text: string) => fs.writeFileSync(path.join(apt, name), text);

test("reads the host's Debian mirror from deb822 files, without other vendors", () => {
  write(
    "sources.list.d/debian.sources",
    [
      "Types: deb deb-src",
      "# a comment in a stanza",
      "URIs: http://mirror.example/debian",
      "Suites: bookworm bookworm-updates",
      "Components: main contrib",
      "",
      "Enabled: no",
      "Types: deb",
      "URIs: http://off.example/debian",
      "Suites: bookworm",
      "Components: main",
      "",
    ].join("\n"),
  );
  write(
    "sources.list.d/vendor.sources",
    "Types: deb\nURIs: http://vendor.example\nSuites: bookworm-pgdg\nComponents: main\n",
  );
  expect(readAptSources(apt)).toBe(
    "Types: deb deb-src\nURIs: http://mirror.example/debian\n" +
      "Suites: bookworm bookworm-updates\nComponents: main contrib\n",
  );
});

test("reads one-line sources, with their options", () => {
  const line = "deb [signed-by=/k.gpg] http://mirror.example/debian bookworm main non-free";
  write("sources.list", `# comment\n${line}\ndeb-src http://mirror.example/debian bookworm main\n`);
  write(
    "sources.list.d/docker.list",
    "deb http://docker.example bookworm stable\n#deb http://x bookworm main\n",
  );
  expect(readAptSources(apt)).toBe(`${line}\n`);
});

test.each([
  ["another release", "deb http://deb.debian.org/debian trixie main\n"],
  ["another distribution", "deb http://archive.ubuntu.com/ubuntu noble main universe\n"],
])("uses Debian's public sources on a host with %s", (_, text) => {
  write("sources.list", text);
  expect(readAptSources(apt).split("\n").filter(Boolean)).toEqual([
    "deb http://deb.debian.org/debian bookworm main",
    "deb http://deb.debian.org/debian bookworm-updates main",
    "deb http://deb.debian.org/debian-security bookworm-security main",
  ]);
});
