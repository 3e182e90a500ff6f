import { z } from "zod";
import { readFileIfExists, writeFile } from "../common/files";

const ROUTES = z.record(z.string(), z.string());

/** Which resource's logs go to which storage account, as diagnostic settings say; one JSON file. */
export class LogRouting {
  private readonly routes: Map<string, string>;

  constructor(private readonly file: string) {
    const text = readFileIfExists(file);
    this.routes = new Map(Object.entries(text ? ROUTES.parse(JSON.parse(text)) : {}));
  }

  /** @param storageAccountId undefined ends the route. */
  set(resourceId: string, storageAccountId: string | undefined): void {
    if (storageAccountId === undefined) this.routes.delete(resourceId.toLowerCase());
    else this.routes.set(resourceId.toLowerCase(), storageAccountId);
    writeFile(this.file, JSON.stringify(Object.fromEntries(this.routes)));
  }

  /** The storage account's resource id. */
  get(resourceId: string): string | undefined {
    return this.routes.get(resourceId.toLowerCase());
  }
}
