import * as fs from "node:fs";
import * as path from "node:path";

export interface FakeIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  readonly state: "open" | "closed";
  readonly comments: readonly string[];
}

interface Content {
  readonly issues: readonly FakeIssue[];
  readonly labels: readonly string[];
  /** The arguments of each call. */
  readonly calls: readonly (readonly string[])[];
  /** Printed by each command, which then fails. */
  readonly failure?: string;
}

/** GitHub's CLI with a repository in a file. */
export class FakeGh {
  private readonly file: string;

  /** @param folder an existing one, which the test removes */
  constructor(folder: string) {
    this.file = path.join(folder, "repository.json");
    this.write({ issues: [], labels: [], calls: [] });
  }

  /** The variables with which a program finds it. */
  environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return {
      ...env,
      PATH: `${__dirname}${path.delimiter}${env.PATH}`,
      FAKE_GH: this.file,
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_REPOSITORY: "owner/repository",
      GITHUB_RUN_ID: "42",
    };
  }

  get content(): Content {
    return JSON.parse(fs.readFileSync(this.file, "utf8")) as Content;
  }

  change(values: Partial<Content>): void {
    this.write({ ...this.content, ...values });
  }

  private write(content: Content): void {
    fs.writeFileSync(this.file, JSON.stringify(content));
  }
}
