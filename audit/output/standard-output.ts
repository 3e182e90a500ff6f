import * as fs from "node:fs";
import * as net from "node:net";
import type { TerminalStream } from "./stream-writer";

/**
 * Standard output as a stream that writes each piece whole or fails. For files and devices `process.stdout` doesn't: it
 * ignores that a nearly full disk takes only a part of a piece.
 * Source: Node.js 20, lib/internal/fs/sync_write_stream.js.
 */
export function standardOutput(): TerminalStream {
  // Pipes and terminals are sockets.
  if (process.stdout instanceof net.Socket) return process.stdout;
  return fs.createWriteStream("", { fd: 1, autoClose: false });
}
