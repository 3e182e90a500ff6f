import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { completion, SHELLS } from "../../../cli/commands/completion";
import { program } from "../../../cli/program";

const ROOT = path.resolve(__dirname, "../../..");

/** The lab's program without exits and output. */
const quiet = () => {
  const lab = program();
  const errors: string[] = [];
  for (const command of [lab, ...lab.commands]) {
    command.exitOverride().configureOutput({ writeErr: (text) => errors.push(text) });
  }
  return { lab, errors };
};

describe("the command line", () => {
  test("has a description and a help text for each command", () => {
    for (const command of program().commands) {
      expect(command.description()).not.toBe("");
      expect(command.helpInformation()).toContain(`Usage: ./lab ${command.name()}`);
    }
  });

  test("suggests a command for a misspelt one", async () => {
    const { lab, errors } = quiet();
    await expect(lab.parseAsync(["stauts"], { from: "user" })).rejects.toThrow();
    expect(errors.join("")).toContain("Did you mean status?");
  });

  test("names the parts where another one is asked for", async () => {
    const { lab, errors } = quiet();
    await expect(lab.parseAsync(["restart", "mysql"], { from: "user" })).rejects.toThrow();
    expect(errors.join("")).toContain("Allowed choices are azure, azurite, postgres, gateway, vm.");
  });

  test("has a file for each command, and no other file", () => {
    const files = fs.readdirSync(path.join(ROOT, "cli/commands"));
    const commands = program().commands.map((command) => `${command.name()}.ts`);
    expect(files.sort()).toEqual(commands.sort());
  });
});

describe("completion", () => {
  test.each(SHELLS)("for %s offers commands, options and choices", (shell) => {
    const script = completion(shell, program()).replace(/^autoload.*\n/, "");
    const complete = (...words: string[]) =>
      spawnSync(
        "bash",
        [
          "-c",
          `${script}\nCOMP_WORDS=(./lab "$@"); COMP_CWORD=$#; _pg_audit_lab; echo "\${COMPREPLY[*]}"`,
          "bash",
          ...words,
        ],
        { encoding: "utf8" },
      ).stdout.trim();
    expect(complete("re")).toBe("reset restart");
    expect(complete("restart", "")).toContain("azure azurite postgres gateway vm");
    expect(complete("status", "--s")).toBe("--stack");
  });
});
