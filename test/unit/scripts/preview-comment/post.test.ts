import * as http from "node:http";
import { AddressInfo } from "node:net";
import { postComment } from "../../../../scripts/preview-comment/post";

const BODY = "<!-- pulumi preview of dev -->\n**No changes.**\n";
const BOT = "github-actions[bot]";

interface Comment {
  readonly id: number;
  readonly body: string;
  readonly user: { readonly login: string };
}

/** The part of GitHub's API that comments need; as there, a page holds `per_page` of them. */
class FakeGitHub {
  comments: Comment[] = [];
  readonly writes: { method: string; url: string; body: unknown; authorization?: string }[] = [];
  status = 200;
  private readonly server = http.createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      if (method !== "GET") {
        const { authorization } = headers;
        this.writes.push({ method, url, body: JSON.parse(text), authorization });
      }
      const query = new URL(url, "http://github").searchParams;
      const size = Number(query.get("per_page"));
      const start = (Number(query.get("page")) - 1) * size;
      response.statusCode = this.status;
      response.end(
        JSON.stringify(method === "GET" ? this.comments.slice(start, start + size) : {}),
      );
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

describe("postComment", () => {
  let github: FakeGitHub;
  let apiUrl: string;
  const post = (body = BODY) =>
    postComment({ apiUrl, token: "t0ken", repository: "owner/lab", number: 7 }, body);
  const earlier = (id: number, login: string, body: string) => ({ id, body, user: { login } });

  beforeEach(async () => {
    github = new FakeGitHub();
    apiUrl = await github.start();
  });
  afterEach(() => github.stop());

  test("the first preview makes a comment", async () => {
    github.comments = [earlier(1, "reviewer", "Nice.")];
    await post();
    expect(github.writes).toEqual([
      {
        method: "POST",
        url: "/repos/owner/lab/issues/7/comments",
        body: { body: BODY },
        authorization: "Bearer t0ken",
      },
    ]);
  });

  test("a later one takes its place, also where many comments stand before it", async () => {
    const talk = Array.from({ length: 150 }, (_, index) => earlier(index, "reviewer", "Hm."));
    github.comments = [...talk, earlier(900, BOT, "<!-- pulumi preview of dev -->\r\nold")];
    await post();
    expect(github.writes).toMatchObject([
      { method: "PATCH", url: "/repos/owner/lab/issues/comments/900", body: { body: BODY } },
    ]);
  });

  test.each([
    ["in which somebody else wrote the marker", earlier(3, "stranger", BODY)],
    ["of another stack", earlier(4, BOT, "<!-- pulumi preview of prod -->\nold")],
    ["of another workflow", earlier(5, BOT, "Coverage: 93 %")],
  ])("a comment %s is left alone", async (_, comment) => {
    github.comments = [comment];
    await post();
    expect(github.writes).toMatchObject([{ method: "POST" }]);
  });

  test("text without a marker isn't posted: it could never be found again", async () => {
    await expect(post("No changes.")).rejects.toThrow("is no marker");
    expect(github.writes).toEqual([]);
  });

  test("a refusal is told with GitHub's answer and without the token", async () => {
    github.status = 403;
    const error = await post().catch((refusal: Error) => refusal);
    expect(String(error)).toMatch(/answered GET \/repos\/owner\/lab\/.* with 403/);
    expect(String(error)).not.toContain("t0ken");
  });
});
