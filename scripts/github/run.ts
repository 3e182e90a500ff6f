import * as fs from "node:fs";

/** URL of the GitHub run that the environment's variables name. Source: GitHub's "Variables reference". */
export function runUrl(env: NodeJS.ProcessEnv): string {
  return `${env.GITHUB_SERVER_URL}/${env.GITHUB_REPOSITORY}/actions/runs/${env.GITHUB_RUN_ID}`;
}

/** Adds Markdown to the run's summary; prints it outside GitHub. */
export function addToSummary(markdown: string, env: NodeJS.ProcessEnv): void {
  if (env.GITHUB_STEP_SUMMARY) fs.appendFileSync(env.GITHUB_STEP_SUMMARY, `${markdown}\n\n`);
  else console.log(markdown);
}

/** Sets an output of the step; without effect outside GitHub. @param value one line */
export function setOutput(name: string, value: string, env: NodeJS.ProcessEnv): void {
  if (env.GITHUB_OUTPUT) fs.appendFileSync(env.GITHUB_OUTPUT, `${name}=${value}\n`);
}
