import { once } from "node:events";
import { type Socket } from "node:net";

/** Aborted when the socket is closed: a stream without more data has no event of its own for its readers. */
export function closeSignal(socket: Socket): AbortSignal {
  const closed = new AbortController();
  socket.once("close", () => closed.abort(new Error("the connection was closed")));
  return closed.signal;
}

/** Reads so many bytes from a paused socket. @throws Error if it ends before */
export async function readExactly(
  socket: Socket,
  size: number,
  closed: AbortSignal,
): Promise<Buffer> {
  for (;;) {
    closed.throwIfAborted();
    const bytes = socket.read(size) as Buffer | null;
    if (bytes?.length === size) return bytes;
    // At its end a stream gives what is left.
    if (bytes) throw new Error("the connection was closed");
    await once(socket, "readable", { signal: closed });
  }
}
