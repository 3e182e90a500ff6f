import execa from "execa";
import { interruptSignal, runAudit, type StackTrail, standardOutput } from "../../audit";
import { cloudFromEnvironment } from "../../azure/cloud";
import { credentialFromEnvironment } from "../../azure/credential";
import { stackOptions } from "../access/stack";
import { findStackTrail } from "../access/stack-trail";
import { endAtClosedPipe } from "../closed-pipe";
import { LOCAL_STACK } from "../lab/names";
import { labPathsOf, startPartNews } from "../lab/part-news";

/** `./lab audit`: the audit reader, for the trail of the local lab, of another stack, or in files. */
export async function audit(words: readonly string[]): Promise<void> {
  const { env } = process;
  // The reader handles a closed pipe itself: it says how far it came, and removes its files.
  process.stdout.off("error", endAtClosedPipe);
  let endNews = () => undefined as void;
  try {
    process.exitCode = await runAudit(words, {
      program: "./lab audit",
      env,
      stdout: standardOutput(),
      notify: (line) => console.error(line),
      signal: interruptSignal(),
      findStackTrail: async (stack = LOCAL_STACK) => {
        const trail = await findTrail(stack);
        endNews = startPartNews(labPathsOf(stack));
        return trail;
      },
      credential: async () => credentialFromEnvironment(env, await cloudFromEnvironment(env)),
    });
  } catch (error) {
    if (!(error instanceof OtherCertificatesNeeded)) throw error;
    process.exitCode = await restart(error.env);
  } finally {
    endNews();
  }
}

/** Node.js reads NODE_EXTRA_CA_CERTS at its start only, so only a new process trusts local Azure's certificates. */
class OtherCertificatesNeeded extends Error {
  constructor(readonly env: NodeJS.ProcessEnv) {
    super("the lab's certificates need a new process");
  }
}

async function findTrail(stack: string): Promise<StackTrail> {
  const options = await stackOptions(stack);
  const { env = process.env } = options;
  if (env.NODE_EXTRA_CA_CERTS !== process.env.NODE_EXTRA_CA_CERTS) {
    throw new OtherCertificatesNeeded(env);
  }
  return findStackTrail(options);
}

/** Runs this command again in another environment. */
async function restart(env: NodeJS.ProcessEnv): Promise<number> {
  const args = [...process.execArgv, ...process.argv.slice(1)];
  const { exitCode } = await execa(process.execPath, args, {
    env,
    extendEnv: false,
    stdio: "inherit",
    reject: false,
  });
  return exitCode ?? 1;
}
