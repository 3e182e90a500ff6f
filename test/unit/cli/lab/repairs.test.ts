import * as os from "node:os";
import { type StackOutputs } from "../../../../cli/access/stack-outputs";
import { VmSession } from "../../../../cli/access/vm-session";
import { hostKeyRepair } from "../../../../cli/lab/repairs";
import { missingSshd, OpenSshServer } from "../../local/provider/command/openssh-server";

/** A key of the same type as the server's, but of another machine. */
const OTHER_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPWOZ8aOmWqGOeLMPZYPVTf0mSKGHxkGPYCJGwZbzXHc";

const describeWithSshd = missingSshd === undefined ? describe : describe.skip;

describeWithSshd("a machine that a stack knows by its host key", () => {
  const server = new OpenSshServer();
  beforeAll(() => server.start());
  afterAll(() => server.remove());

  const outputs = (sshHostKey = server.connection.hostKey ?? ""): StackOutputs =>
    ({
      vmAddress: server.connection.host,
      sshPort: server.connection.port ?? 22,
      vmAdminUsername: os.userInfo().username,
      sshHostKey,
      sshPrivateKey: server.connection.privateKey,
    }) as StackOutputs;

  test("isn't replaced while it has the key, or doesn't answer", async () => {
    expect(await hostKeyRepair(outputs())).toBeUndefined();
    expect(await hostKeyRepair({ ...outputs(OTHER_KEY), sshPort: 1 })).toBeUndefined();
  });

  test("is replaced when it has another key", async () => {
    const repair = await hostKeyRepair(outputs(OTHER_KEY));
    expect(repair?.problem).toContain("host key was changed outside Pulumi");
    expect(repair?.replaced).toBe("**VirtualMachine::vm");
  });

  test("is entered with its key, and with another one the message says what to do", async () => {
    const session = await VmSession.open(outputs(), "dev");
    expect(await session.run("echo entered")).toBe("entered");
    await session.close();
    const other = await VmSession.open(outputs(OTHER_KEY), "dev");
    await expect(other.run("true")).rejects.toThrow(
      /another SSH host key .*pulumi up --replace '\*\*VirtualMachine::vm' --stack dev/,
    );
    await other.close();
  });
});
