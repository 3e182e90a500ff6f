import { randomBytes } from "node:crypto";
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
import type { DialOptions } from "./ssh/dial";
import type { SshPool } from "./ssh/pool";
import { copyFrom, writeText } from "./sftp-copy";

interface CopyInputs extends Inputs {
  readonly connection: SshTarget;
  readonly source: Asset | Archive;
  readonly remotePath: string;
}

/** `remote.CopyToRemote`: copies a file, a text or a folder; deleting it leaves the files there, as the real one does. */
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
        // The engine leaves an empty text out.
        else await writeText(sftp, (source as Asset).text ?? "", remotePath);
      } finally {
        options.signal.removeEventListener("abort", end);
        sftp.end();
      }
      options.signal.throwIfAborted();
    },
  );
}
