import { sshTrouble } from "../../../../cli/access/trouble";

const VM = { vmAddress: "192.0.2.1", sshPort: 22 };

test.each([
  [
    "No ECDSA host key is known for 192.0.2.1 and you have requested strict checking.\nHost key verification failed.",
    /another SSH host key.*pulumi up --replace '\*\*VirtualMachine::vm' --stack dev$/,
  ],
  ["azureuser@192.0.2.1: Permission denied (publickey).", /refuses the stack's SSH key/],
  [
    "ssh: connect to host 192.0.2.1 port 22: Connection timed out",
    /doesn't answer.*pulumi up --refresh --stack dev/,
  ],
  [
    "Connection timed out during banner exchange\nConnection to 192.0.2.1 port 22 timed out",
    /is starting, or too busy/,
  ],
])("%s is explained with what to do", (message, expected) => {
  const trouble = sshTrouble(message, VM, "dev");
  expect(trouble).toMatch(expected);
  expect(trouble).toContain("The VM (192.0.2.1, port 22)");
});

test("the local stack's remedies are ./lab up, which finds out what to repair", () => {
  expect(sshTrouble("Host key verification failed.", VM, "local")).toMatch(
    /replaces the VM: \.\/lab up$/,
  );
  expect(sshTrouble("Connection refused", VM, "local")).toMatch(/\.\/lab up creates or starts it/);
});

test("an unknown message is left as it is", () => {
  expect(sshTrouble("something else", VM, "dev")).toBeUndefined();
});
