import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { LabPaths } from "../../../../local/paths";
import { CLI_VERSION } from "../../../../local/engine/cli";

/** A separate home, PATH and lab: a test doesn't use the machine's Pulumi and Go. */
export class FakeMachine {
  readonly root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "engine-")));
  readonly home = path.join(this.root, "home");
  readonly bin = path.join(this.root, "bin");
  readonly lab = new LabPaths(path.join(this.root, "lab"));
  private readonly before = { HOME: process.env.HOME, PATH: process.env.PATH };

  constructor() {
    fs.mkdirSync(this.home);
    fs.mkdirSync(this.bin);
    process.env.HOME = this.home;
    process.env.PATH = `${this.bin}:/usr/bin:/bin`;
  }

  /** Writes a shell script below the machine's root. */
  script(file: string, body: string): string {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    return file;
  }

  /** A CLI on PATH that prints its version, and records its calls. */
  pulumi(version: string, file = path.join(this.bin, "pulumi")): string {
    const calls = path.join(this.root, "calls");
    return this.script(
      file,
      `[ "$1" = version ] && echo v${version} && exit; echo "$@" >> ${calls}`,
    );
  }

  /** Go on PATH; it builds a CLI of the version that the lab needs. */
  go(): string {
    const calls = path.join(this.root, "calls");
    return this.script(
      path.join(this.bin, "go"),
      `[ "$1" = env ] && echo go1.26.0 && exit
      echo "go $1" >> ${calls}
      while [ "$1" != -o ]; do shift; done
      mkdir -p "$(dirname "$2")"
      printf '#!/bin/sh\\necho v${CLI_VERSION}\\n' > "$2"
      chmod +x "$2"`,
    );
  }

  calls(): string[] {
    const file = path.join(this.root, "calls");
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n") : [];
  }

  remove(): void {
    Object.assign(process.env, this.before);
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}
