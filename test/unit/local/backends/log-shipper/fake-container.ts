import { type ContainerClient, RestError } from "@azure/storage-blob";

/** What happens to a request: it is done, it isn't, or it is done and its answer is lost. */
export type Fate = "done" | "refused" | "answer lost";

interface Condition {
  readonly conditions: { readonly appendPosition: number };
}

const answer = (statusCode: number, code: string) => new RestError(code, { statusCode, code });

/** Append blobs in memory, with Azure's conditions, errors and limit of blocks. */
export class FakeContainer {
  blobs = new Map<string, Buffer[]>();
  /** Azure's is 50,000. */
  blocksPerBlob = Infinity;
  requests = 0;
  /** Called before each request. */
  fate: (kind: string) => Fate = () => "done";
  private saved = new Map<string, Buffer[]>();

  readonly client = {
    createIfNotExists: () => this.request("create container", () => undefined),
    getAppendBlobClient: (name: string) => ({
      createIfNotExists: () =>
        this.request("create", () => void this.blobs.set(name, this.blobs.get(name) ?? [])),
      getProperties: () =>
        this.request("properties", () => ({ contentLength: this.bytes(name).length })),
      downloadToBuffer: (from: number, length: number) =>
        this.request("download", () => this.bytes(name).subarray(from, from + length)),
      appendBlock: (block: Buffer, length: number, { conditions }: Condition) =>
        this.request("append", () => {
          const { length: position } = this.bytes(name);
          const blocks = this.blobs.get(name) as Buffer[];
          if (blocks.length >= this.blocksPerBlob) throw answer(409, "BlockCountExceedsLimit");
          if (conditions.appendPosition !== position) {
            throw answer(412, "AppendPositionConditionNotMet");
          }
          blocks.push(Buffer.from(block.subarray(0, length)));
        }),
    }),
  } as unknown as ContainerClient;

  /** This container as the only one. */
  get alone() {
    return new Map([["account", this.client]]);
  }

  text = (name: string): string | undefined =>
    this.blobs.has(name) ? this.bytes(name).toString() : undefined;

  put(name: string, text: string): void {
    this.blobs.set(name, [Buffer.from(text)]);
  }

  /** Writes what it has to its disk, as Azurite does every 5 seconds. */
  save(): void {
    this.saved = new Map([...this.blobs].map(([name, blocks]) => [name, [...blocks]]));
  }

  /** Is killed and started: it has what it saved. */
  restart(): void {
    this.blobs = new Map([...this.saved].map(([name, blocks]) => [name, [...blocks]]));
  }

  private bytes(name: string): Buffer {
    const blocks = this.blobs.get(name);
    if (!blocks) throw answer(404, "BlobNotFound");
    return Buffer.concat(blocks);
  }

  private async request<Result>(kind: string, act: () => Result): Promise<Result> {
    this.requests++;
    const fate = this.fate(kind);
    if (fate === "refused") throw new Error("connect ECONNREFUSED");
    const result = act();
    if (fate === "answer lost") throw new Error("socket hang up");
    return result;
  }
}
