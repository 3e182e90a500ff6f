import { spawnSync } from "node:child_process";
import { shellQuote } from "../../../common/shell-quote";

describe("a shell word", () => {
  test.each([
    "plain",
    "",
    "two words",
    "it's",
    "'",
    '"$HOME" `id` $(id)',
    "a\\b",
    "line\nline",
    "*?[a-z]{a,b}",
    "~",
    "host=h dbname=d sslmode=verify-full",
    "; rm -rf /",
    "#",
    "-c",
    "!",
    "äöü",
  ])("%j arrives unchanged", (word) => {
    const { stdout } = spawnSync("bash", ["-c", `printf '%s|' ${shellQuote(word)}`], {
      encoding: "utf8",
    });
    expect(stdout).toBe(`${word}|`);
  });

  test("is not quoted where that isn't needed", () => {
    expect(shellQuote("/home/me/mycontainer")).toBe("/home/me/mycontainer");
  });
});
