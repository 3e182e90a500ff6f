import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as https from "node:https";
import * as os from "node:os";
import * as path from "node:path";
import {
  servePackageRepository,
  type PackageServer,
} from "../../../../../local/backends/package-repository/server";
import { pollUntil } from "../../../../../common/poll";

let folder: string;
let server: PackageServer;
let cert: string;
const requests: string[] = [];

function request(urlPath: string, method = "GET"): Promise<{ status?: number; body: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      ...{ host: "127.0.0.1", port: server.port, path: urlPath, method, ca: cert },
      servername: "packages.microsoft.com",
    };
    https
      .request(options, (response) => {
        let body = "";
        response.on("data", (data: Buffer) => (body += data.toString()));
        response.on("end", () => resolve({ status: response.statusCode, body }));
      })
      .on("error", reject)
      .end();
  });
}

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "package-server-"));
  const root = path.join(folder, "repository");
  fs.mkdirSync(path.join(root, "keys"), { recursive: true });
  fs.writeFileSync(path.join(root, "keys", "microsoft.asc"), "a key");
  fs.writeFileSync(path.join(folder, "secret"), "not to be served");
  const [keyFile, certFile] = [path.join(folder, "tls.key"), path.join(folder, "tls.crt")];
  execFileSync(
    "openssl",
    [
      ...[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "1",
      ],
      ...[
        "-subj",
        "/CN=packages.microsoft.com",
        "-addext",
        "subjectAltName=DNS:packages.microsoft.com",
      ],
      ...["-keyout", keyFile, "-out", certFile],
    ],
    { stdio: "ignore" },
  );
  cert = fs.readFileSync(certFile, "utf8");
  server = await servePackageRepository(
    { root },
    {
      port: 0,
      tls: { key: fs.readFileSync(keyFile, "utf8"), cert },
      notify: (line) => requests.push(line),
    },
  );
});

afterAll(async () => {
  await server.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

test("serves the files, under a verified name, and logs each request", async () => {
  await expect(request("/keys/microsoft.asc")).resolves.toEqual({ status: 200, body: "a key" });
  // The line is written after the response was sent.
  await pollUntil(() => requests.includes("GET /keys/microsoft.asc 200"), {
    what: "the request's line",
    timeoutSeconds: 10,
  });
});

test.each([
  "/keys",
  "/keys/",
  "/../secret",
  "/%2e%2e/secret",
  "/keys/%2e%2e/%2e%2e/secret",
  "//secret",
])("has nothing at %s", async (urlPath) => {
  await expect(request(urlPath)).resolves.toEqual({ status: 404, body: "" });
});

test("answers HEAD without a body, and refuses PUT", async () => {
  await expect(request("/keys/microsoft.asc", "HEAD")).resolves.toEqual({ status: 200, body: "" });
  await expect(request("/keys/microsoft.asc", "PUT")).resolves.toMatchObject({ status: 405 });
});
