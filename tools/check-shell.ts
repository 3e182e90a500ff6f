/** `npm run check:shell`: shellcheck and shfmt for every shell script of the project. */
import execa from "execa";
import { runMain } from "../common/run-main";
import { ensureDebianPackages } from "../local/setup/system-packages";

runMain(async () => {
  await ensureDebianPackages(["shellcheck", "shfmt"], console.log);
  const { stdout } = await execa("shfmt", ["--find", "."]);
  const scripts = stdout.split("\n").filter((file) => !/^(node_modules|\.lab)\//.test(file));
  await execa("shellcheck", scripts, { stdio: "inherit" });
  await execa("shfmt", ["--indent", "2", "--diff", ...scripts], { stdio: "inherit" });
});
