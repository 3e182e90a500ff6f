/**
 * Shows a preview on a pull request: one comment, put in place of the one before it.
 *
 *     scripts/preview-comment/preview.sh dev FOLDER
 *     node --import tsx scripts/preview-comment.ts --stack dev FOLDER                  prints the markdown
 *     node --import tsx scripts/preview-comment.ts --stack dev --post 7 FOLDER         posts it as well
 *
 * Posting takes GITHUB_API_URL and GITHUB_REPOSITORY, which every workflow has, and GITHUB_TOKEN.
 */
import { Command, InvalidArgumentError } from "commander";
import * as fs from "node:fs";
import * as path from "node:path";
import { renderComment } from "./preview-comment/comment";
import { postComment } from "./preview-comment/post";
import { readPreview } from "./preview-comment/preview";

interface Options {
  readonly stack: string;
  readonly post?: number;
}

async function main(): Promise<void> {
  const program = new Command("preview-comment")
    .description("Turns what preview.sh left in a folder into a comment.")
    .requiredOption("-s, --stack <name>", "the stack that was previewed")
    .option("--post <number>", "the pull request to post it on", pullRequestNumber)
    .argument("<folder>", "holds preview.json, diff.txt and error.txt")
    .parse();
  const [folder = "."] = program.args;
  const { stack, post } = program.opts<Options>();
  const read = (name: string) => fs.readFileSync(path.join(folder, name), "utf8");
  const comment = renderComment({
    stack,
    preview: readPreview(read("preview.json"), read("error.txt")),
    diff: read("diff.txt"),
  });
  process.stdout.write(comment);
  if (post !== undefined) {
    const target = {
      apiUrl: variable("GITHUB_API_URL"),
      token: variable("GITHUB_TOKEN"),
      repository: variable("GITHUB_REPOSITORY"),
      number: post,
    };
    await postComment(target, comment);
  }
}

function pullRequestNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Give a pull request's number.");
  return Number(text);
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; --post needs it`);
  return value;
}

main().catch((error: unknown) => {
  console.error(`preview-comment: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
