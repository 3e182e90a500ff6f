/** `npm run check:shell`: shellcheck and shfmt over every shell script of the tree. */
import execa from "execa";
import { ensureDebianPackages } from "../local/setup/system-packages";

async function main(): Promise<void> {
  await ensureDebianPackages(["shellcheck", "shfmt"], console.log);
  const { stdout } = await execa("shfmt", ["--find", "."]);
  const scripts = stdout.split("\n").filter((file) => !/^(node_modules|\.lab)\//.test(file));
  await execa("shellcheck", scripts, { stdio: "inherit" });
  await execa("shfmt", ["--indent", "2", "--diff", ...scripts], { stdio: "inherit" });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
