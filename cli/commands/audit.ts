import execa from "execa";
import { PROJECT_ROOT } from "../../local/paths";
import { requireRunningLab } from "../lab/context";
import { LOCAL_STACK } from "../lab/names";

/** `npm run lab:audit -- [OPTION ...]`: the audit reader on the lab's own storage account. */
export async function audit(words: readonly string[]): Promise<void> {
  const { env } = await requireRunningLab();
  // Ctrl-C reaches the reader too, which has a last word to say.
  process.on("SIGINT", () => undefined);
  const { exitCode } = await execa(
    process.execPath,
    ["--import", "tsx", "audit/main.ts", ...words],
    {
      cwd: PROJECT_ROOT,
      env: { ...env, PULUMI_STACK: LOCAL_STACK },
      extendEnv: false,
      stdio: "inherit",
      reject: false,
    },
  );
  process.exitCode = exitCode ?? 1;
}
