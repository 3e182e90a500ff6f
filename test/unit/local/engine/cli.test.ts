import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../../../../common/user-error";
import { buildCli } from "../../../../local/engine/obtain-cli";
import { findCli, isAtLeast } from "../../../../local/engine/cli";
import { FakeMachine } from "./fake-machine";

describe("Pulumi's CLI", () => {
  let machine: FakeMachine;
  beforeEach(() => (machine = new FakeMachine()));
  afterEach(() => machine.remove());

  /** A Go that "builds" a shell script; `-o FILE` is the sixth argument from the end but one. */
  const fakeGo = (version: string, build: string) =>
    machine.script(
      path.join(machine.bin, "go"),
      `[ "$1" = env ] && echo go${version} && exit
       while [ "$1" != -o ]; do shift; done
       ${build}`,
    );
  const working = `mkdir -p "$(dirname "$2")"; printf '#!/bin/sh\\necho v3.230.0\\n' > "$2"; chmod +x "$2"`;

  test("one that is too old or doesn't work is not used", async () => {
    machine.pulumi("3.229.9");
    expect(await findCli(machine.lab)).toBeUndefined();
    machine.script(path.join(machine.bin, "pulumi"), "echo oops; exit 1");
    expect(await findCli(machine.lab)).toBeUndefined();
    machine.pulumi("3.230.0");
    expect(await findCli(machine.lab)).toMatchObject({ version: "3.230.0", source: "path" });
  });

  test("is built where there is none, found again, and built again once it is damaged", async () => {
    fakeGo("1.25.8", working);
    const announced: string[] = [];
    const cli = await buildCli(machine.lab, (line) => announced.push(line));
    expect(cli).toMatchObject({ source: "built", version: "3.230.0" });
    expect(announced).toEqual(["building Pulumi's CLI 3.230.0 with Go 1.25.8, about 3 minutes"]);
    process.env.PATH = `${path.dirname(cli.path)}:${process.env.PATH}`;
    expect(await findCli(machine.lab)).toEqual(cli);
    fs.truncateSync(cli.path, 5);
    expect(await findCli(machine.lab)).toBeUndefined();
    expect(await buildCli(machine.lab, () => undefined)).toEqual(cli);
  });

  test("a failed build shows the end of its log, and keeps the earlier CLI", async () => {
    fakeGo("1.26.0", working);
    const cli = await buildCli(machine.lab, () => undefined);
    fakeGo("1.26.0", "echo some.go:1: undefined: x >&2; exit 2");
    const failed = buildCli(machine.lab, () => undefined);
    await expect(failed).rejects.toThrow(UserError);
    await expect(failed).rejects.toThrow(/undefined: x[^]*engine-build\.log/);
    expect(await findCli(machine.lab)).toEqual(cli);
  });

  test("a build without a working executable is a failed build", async () => {
    fakeGo("1.26.0", `mkdir -p "$(dirname "$2")"; echo garbage > "$2"`);
    await expect(buildCli(machine.lab, () => undefined)).rejects.toThrow(UserError);
    expect(await findCli(machine.lab)).toBeUndefined();
  });

  test("without a new enough Go and without pip, the error says what to install", async () => {
    fakeGo("1.25.7", working);
    machine.script(path.join(machine.bin, "python3"), "exit 1");
    await expect(buildCli(machine.lab, () => undefined)).rejects.toThrow(/python3-pip/);
  });

  test.each([
    ["3.230.0", "3.230.0", true],
    ["3.229.10", "3.230.0", false],
    ["4.0.0", "3.230.0", true],
    ["1.26", "1.25.8", true],
  ])("%s is at least %s: %s", (version, minimum, expected) => {
    expect(isAtLeast(version, minimum)).toBe(expected);
  });
});
