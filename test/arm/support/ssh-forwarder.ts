import * as net from "node:net";
import { Server, utils } from "ssh2";
import { LOOPBACK } from "../../../common/ports";

/** A VM's SSH server that forwards each TCP connection to a port here, whichever name is asked for. */
export class SshForwarder {
  readonly privateKey: string;
  readonly hostKey: string;
  /** `host:port` of each connection. */
  readonly asked: string[] = [];
  /** Whether sshd's AllowTcpForwarding is on. */
  allowsForwarding = true;
  private readonly server: Server;

  private constructor(targetPort: number) {
    const [host, client] = [
      utils.generateKeyPairSync("ed25519"),
      utils.generateKeyPairSync("ed25519"),
    ];
    this.hostKey = host.public.split(" ").slice(0, 2).join(" ");
    this.privateKey = client.private;
    this.server = new Server({ hostKeys: [host.private] }, (connection) => {
      connection.on("error", () => undefined);
      connection.on("authentication", (context) => {
        const isOwn =
          context.method === "publickey" &&
          context.key.data.equals(Buffer.from(client.public.split(" ")[1] ?? "", "base64"));
        if (isOwn) context.accept();
        else context.reject(["publickey"]);
      });
      // Without this, ssh2 refuses as sshd does: SSH_OPEN_ADMINISTRATIVELY_PROHIBITED.
      if (!this.allowsForwarding) return;
      connection.on("tcpip", (accept, _reject, { destIP, destPort }) => {
        this.asked.push(`${destIP}:${destPort}`);
        const channel = accept();
        const target = net.connect(targetPort, LOOPBACK);
        for (const stream of [channel, target]) stream.on("error", () => undefined);
        channel.pipe(target).pipe(channel);
      });
    });
  }

  static async start(targetPort: number): Promise<SshForwarder> {
    const forwarder = new SshForwarder(targetPort);
    await new Promise<void>((resolve) => forwarder.server.listen(0, LOOPBACK, resolve));
    return forwarder;
  }

  get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  close(): void {
    this.server.close();
  }
}
