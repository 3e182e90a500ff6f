import { z } from "zod";

/** What the workflow's own token writes as. */
const AUTHOR = "github-actions[bot]";
const PAGE_SIZE = 100;
const TIMEOUT_MILLISECONDS = 30_000;

const COMMENTS = z.array(
  z.object({
    id: z.number(),
    body: z.string().nullish(),
    user: z.object({ login: z.string() }).nullish(),
  }),
);

export interface PullRequest {
  /** `https://api.github.com`. */
  readonly apiUrl: string;
  /** A secret that may write to pull requests. */
  readonly token: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly number: number;
}

/**
 * Posts a comment on a pull request, or puts it in place of the one that it posted before.
 * @param body its first line is the hidden marker by which the earlier comment is found
 */
export async function postComment(target: PullRequest, body: string): Promise<void> {
  const [marker = ""] = body.split("\n", 1);
  if (!/^<!-- .+ -->$/.test(marker)) {
    throw new Error(`The comment's first line is no marker, <!-- ... -->, but: ${marker}`);
  }
  const earlier = await findComment(target, marker);
  const issues = `/repos/${target.repository}/issues`;
  await (earlier === undefined
    ? call(target, "POST", `${issues}/${target.number}/comments`, { body })
    : call(target, "PATCH", `${issues}/comments/${earlier}`, { body }));
}

/** Only the workflow's own comments count: anyone can write a marker. */
async function findComment(target: PullRequest, marker: string): Promise<number | undefined> {
  for (let page = 1; ; page++) {
    const path = `/repos/${target.repository}/issues/${target.number}/comments?per_page=${PAGE_SIZE}&page=${page}`;
    const comments = COMMENTS.parse(await call(target, "GET", path));
    const found = comments.find(
      ({ user, body }) => user?.login === AUTHOR && body?.split(/\r?\n/, 1)[0] === marker,
    );
    if (found || comments.length < PAGE_SIZE) return found?.id;
  }
}

async function call(
  { apiUrl, token }: PullRequest,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(`${apiUrl}${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, Accept: "application/vnd.github+json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(
      `GitHub answered ${method} ${path} with ${response.status}: ${text.slice(0, 500)}`,
    );
  }
  return JSON.parse(text);
}
