import * as https from "node:https";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed body; undefined if there is none. */
  readonly body: unknown;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent unchanged, everything else as JSON. */
  readonly body?: unknown;
  /** Text of the only trusted certificate authority. */
  readonly ca: string;
}

/** Sends an HTTPS request; verifies the server. */
export function call(
  url: string,
  { method = "GET", headers, body, ca }: CallOptions,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.request(url, { method, headers, ca, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: parse(text, response.headers["content-type"]),
        });
      });
    });
    request.on("error", reject);
    request.end(body === undefined || typeof body === "string" ? body : JSON.stringify(body));
  });
}

function parse(text: string, type = ""): unknown {
  if (text === "") return undefined;
  return type.includes("json") ? JSON.parse(text) : text;
}

/** Status, code and message of an error response. */
export const errorOf = ({ status, body }: Answer) =>
  ({ status, ...(body as { error?: object } | undefined)?.error }) as {
    readonly status: number;
    readonly code: string;
    readonly message: string;
  };
