import { commandLine } from "../../../../cli/commands/ssh";

describe("the command of ./lab ssh", () => {
  test("is a line for the VM's shell where it is one word", () => {
    expect(commandLine(["sudo ls / | head"])).toBe("sudo ls / | head");
  });

  test("arrives word for word where there are several", () => {
    expect(commandLine(["echo", "a  b", "$HOME"])).toBe("echo 'a  b' '$HOME'");
  });

  test("is a shell where there is none", () => {
    expect(commandLine([])).toBeUndefined();
  });
});
