import { containerByUrl } from "./sources/container";
import { findStackTrail } from "../cli/access/stack-trail";
import type { OpenedSource } from "./sources/open-trail";
import { type AuditOptions } from "./options";
import { BlobSource, serverFolder } from "./sources/blob-source";

type Place = Pick<AuditOptions, "stack" | "containerUrl" | "connectTo" | "intervalSeconds">;

/**
 * Opens the trail in a storage account: a container's, else the stack's.
 * @param notice takes what the user should know, a line each
 */
export async function openStorage(
  { stack, containerUrl, connectTo, intervalSeconds }: Place,
  env: NodeJS.ProcessEnv,
  notice: (line: string) => void,
): Promise<OpenedSource> {
  if (containerUrl !== undefined) {
    const container = await containerByUrl(containerUrl, env, { connectTo });
    return { source: new BlobSource({ container, intervalSeconds, notice }) };
  }
  const { container, serverId, logLinePrefix } = await findStackTrail(stack, env, { connectTo });
  const serverFolders = [serverFolder(serverId)];
  return {
    source: new BlobSource({ container, serverFolders, intervalSeconds, notice }),
    logLinePrefix,
  };
}
