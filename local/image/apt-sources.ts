import * as fs from "node:fs";
import * as path from "node:path";

/** The Debian release of the VM. */
export const SUITE = "bookworm";

const SUITES = new Set([SUITE, `${SUITE}-updates`, `${SUITE}-security`, `${SUITE}/updates`]);

/** For a host without sources of this release; needs debian-archive-keyring on the host. */
const DEFAULT_SOURCES = ["", "-updates"]
  .map((pocket) => `deb http://deb.debian.org/debian ${SUITE}${pocket} main\n`)
  .concat(`deb http://deb.debian.org/debian-security ${SUITE}-security main\n`)
  .join("");

/**
 * The package sources for the VM's Debian: the host's sources for this release (so that the VM uses the host's mirror), or
 * Debian's public sources where the host has none. Sources of other vendors are left out.
 *
 * @param aptFolder @default "/etc/apt"
 * @returns text in the one-line format of sources.list(5), or in the deb822 format where the host uses that
 */
export function readAptSources(aptFolder = "/etc/apt"): string {
  const parts = path.join(aptFolder, "sources.list.d");
  const files = [
    path.join(aptFolder, "sources.list"),
    ...(fs.existsSync(parts) ? fs.readdirSync(parts).sort() : []).map((name) =>
      path.join(parts, name),
    ),
  ].filter((file) => fs.existsSync(file));
  const read = (suffix: string) =>
    files.filter((file) => file.endsWith(suffix)).map((file) => fs.readFileSync(file, "utf8"));

  const stanzas = read(".sources").flatMap(debianStanzas);
  if (stanzas.length > 0) return stanzas.join("\n\n") + "\n";
  const lines = read(".list").flatMap(debianLines);
  return lines.length > 0 ? lines.join("\n") + "\n" : DEFAULT_SOURCES;
}

/** The deb822 stanzas that serve the VM's release, without their comments. */
function debianStanzas(text: string): string[] {
  return text
    .replace(/^#.*\n?/gm, "")
    .split(/\n\s*\n/)
    .map((stanza) => stanza.trim())
    .filter((stanza) => {
      const field = (name: string) =>
        new RegExp(`^${name}:\\s*(.*)$`, "im").exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
      return (
        field("Types").includes("deb") &&
        field("Enabled")[0]?.toLowerCase() !== "no" &&
        servesDebian(field("Suites"), field("Components"))
      );
    });
}

/** The one-line sources that serve the VM's release: `deb [options] uri suite component...`. */
function debianLines(text: string): string[] {
  return text.split("\n").filter((line) => {
    const fields = /^\s*deb\s+(?:\[[^\]]*\]\s+)?\S+\s+(\S+)\s+([^#]*)/.exec(line);
    return fields !== null && servesDebian([fields[1]!], fields[2]!.trim().split(/\s+/));
  });
}

function servesDebian(suites: readonly string[], components: readonly string[]): boolean {
  return suites.some((suite) => SUITES.has(suite)) && components.includes("main");
}

/**
 * The source of another Debian release, on the host's mirror: a line of sources.list(5). Only the archive itself, since a
 * release in preparation has no others.
 */
export function readArchive(suite: string, aptFolder?: string): string {
  const sources = readAptSources(aptFolder);
  const isMain = (suites: string) => suites.split(/\s+/).includes(SUITE);
  const ofStanza = sources
    .split(/\n\s*\n/)
    .filter((stanza) => isMain(/^Suites:\s*(.*)$/im.exec(stanza)?.[1] ?? ""))
    .map((stanza) => /^URIs:\s*(\S+)/im.exec(stanza)?.[1]);
  const ofLine = sources
    .split("\n")
    .map((line) => /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line))
    .filter((match) => match?.[2] === SUITE)
    .map((match) => match?.[1]);
  const [uri = "http://deb.debian.org/debian"] = [...ofStanza, ...ofLine];
  return `deb ${uri} ${suite} main\n`;
}
