import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import type { SFTPWrapper, Stats } from "ssh2";
import {
  diffInputs,
  isArchive,
  isAsset,
  isUnknown,
  type Archive,
  type Asset,
  type CheckFailure,
  type DeleteRequest,
  type Inputs,
  type ResourceHandler,
} from "../protocol";
import { checkRemote } from "./remote-run";
import type { SshTarget } from "./ssh/connection";
import type { DialOptions, SshPool } from "./ssh/pool";

/** SFTP's status "no such file". */
const NO_SUCH_FILE = 2;

interface CopyInputs extends Inputs {
  readonly connection: SshTarget;
  readonly source: Asset | Archive;
  readonly remotePath: string;
}

/** `remote.CopyToRemote`: copies a file, a text or a folder; a deletion keeps the files, as in the real plugin. */
export function copyToRemoteHandler(pool: SshPool): ResourceHandler {
  return {
    check: async ({ news }) => ({
      inputs: news,
      failures: [...checkRemote(news), ...checkSource(news.source)],
    }),
    diff: async ({ oldInputs, news }) => ({
      changes: diffInputs(oldInputs, news, { replaceOn: ["triggers"] }),
    }),
    create: async ({ inputs, preview, log, signal }) => {
      if (preview) return { id: "", outputs: inputs };
      await copy(pool, inputs as CopyInputs, { log, signal });
      return { id: randomBytes(4).toString("hex"), outputs: inputs };
    },
    update: async ({ olds, news, preview, log, signal }) => {
      const [before, after] = [olds as CopyInputs, news as CopyInputs];
      const same =
        before.source.hash === after.source.hash && before.remotePath === after.remotePath;
      if (!preview && !same) await copy(pool, after, { log, signal });
      return news;
    },
    delete: async (_request: DeleteRequest) => undefined,
  };
}

function checkSource(source: unknown): CheckFailure[] {
  if (isUnknown(source)) return [];
  const failure = (property: string, reason: string) => [{ property, reason }];
  if (isAsset(source)) {
    return source.uri === undefined
      ? []
      : failure("asset", "asset must be a path-based file asset or a text asset");
  }
  if (isArchive(source)) {
    return source.path !== undefined
      ? []
      : failure("archive", "archive must be a path to a file or directory");
  }
  return failure("asset", "either asset or archive must be set");
}

async function copy(
  pool: SshPool,
  { connection, source, remotePath }: CopyInputs,
  options: DialOptions,
): Promise<void> {
  await pool.with(
    connection,
    options,
    (ssh) => ssh.sftp(),
    async (sftp) => {
      const end = () => sftp.end();
      options.signal.addEventListener("abort", end);
      try {
        if (source.path !== undefined) await copyFrom(sftp, source.path, remotePath);
        // The engine omits an empty text.
        else await writeText(sftp, (source as Asset).text ?? "", remotePath);
      } finally {
        options.signal.removeEventListener("abort", end);
        sftp.end();
      }
      options.signal.throwIfAborted();
    },
  );
}

/** Writes a text to a file. @throws Error where a folder has that name */
async function writeText(sftp: SFTPWrapper, text: string, file: string): Promise<void> {
  if ((await stat(sftp, file))?.isDirectory()) {
    throw new Error(
      `remote path ${file} is a directory; when using a text asset, remotePath must be a file path`,
    );
  }
  await makeFolders(sftp, path.posix.dirname(file));
  await done((callback) => sftp.writeFile(file, text, callback), `write ${file}`);
}

/**
 * Copies a file or a folder:
 *
 *     source | target is a folder  | target is missing | target is a file
 *     dir    | target/dir          | target/dir        | error
 *     dir/   | target/* from dir   | target/*          | error
 *     file   | target/file         | target            | overwritten
 */
async function copyFrom(sftp: SFTPWrapper, source: string, target: string): Promise<void> {
  const there = await stat(sftp, target);
  if (fs.statSync(source).isDirectory()) {
    if (there !== undefined && !there.isDirectory()) throw notAFolder(target);
    const folder = source.endsWith("/") ? target : path.posix.join(target, path.basename(source));
    await copyFolder(sftp, source, folder);
  } else if (there?.isDirectory()) {
    await copyFile(sftp, source, path.posix.join(target, path.basename(source)));
  } else {
    await makeFolders(sftp, path.posix.dirname(target));
    await copyFile(sftp, source, target);
  }
}

async function copyFolder(sftp: SFTPWrapper, source: string, target: string): Promise<void> {
  await makeFolders(sftp, target);
  for (const entry of fs.readdirSync(source, { withFileTypes: true })) {
    const [from, to] = [path.join(source, entry.name), path.posix.join(target, entry.name)];
    if (fs.statSync(from).isDirectory()) await copyFolder(sftp, from, to);
    else await copyFile(sftp, from, to);
  }
}

function copyFile(sftp: SFTPWrapper, source: string, target: string): Promise<void> {
  return done((callback) => sftp.fastPut(source, target, callback), `copy ${source} to ${target}`);
}

async function makeFolders(sftp: SFTPWrapper, folder: string): Promise<void> {
  const there = await stat(sftp, folder);
  if (there?.isDirectory()) return;
  if (there !== undefined) throw notAFolder(folder);
  await makeFolders(sftp, path.posix.dirname(folder));
  await done((callback) => sftp.mkdir(folder, callback), `create remote directory ${folder}`);
}

function stat(sftp: SFTPWrapper, file: string): Promise<Stats | undefined> {
  return new Promise((resolve, reject) => {
    sftp.stat(file, (error: (Error & { code?: number }) | undefined, stats) => {
      if (error === undefined || error === null) resolve(stats);
      else if (error.code === NO_SUCH_FILE) resolve(undefined);
      else reject(new Error(`failed to stat remote path ${file}: ${error.message}`));
    });
  });
}

function done(
  start: (callback: (error?: Error | null) => void) => void,
  what: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) =>
      error ? reject(new Error(`failed to ${what}: ${error.message}`)) : resolve(),
    );
  });
}

function notAFolder(file: string): Error {
  return new Error(`remote path ${file} exists but is not a directory`);
}
