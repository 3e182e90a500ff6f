import execa from "execa";
import { PROJECT_ROOT } from "../../../local/paths";
import { type TestCloud } from "./cloud";
import { serverId } from "./flexible-server";

/** scripts/<name>.ts on the test's server, as `pulumi up` runs it; signs in by the environment. */
export const startServerScript = (cloud: TestCloud, name: string): execa.ExecaChildProcess =>
  execa(process.execPath, ["--import", "tsx", `scripts/${name}.ts`, serverId(cloud)], {
    cwd: PROJECT_ROOT,
    env: {
      ARM_METADATA_HOSTNAME: new URL(cloud.url).host,
      ARM_DISABLE_INSTANCE_DISCOVERY: "true",
      ARM_TENANT_ID: cloud.tenantId,
      ARM_CLIENT_ID: cloud.clientId,
      ARM_CLIENT_SECRET: cloud.clientSecret,
      NODE_EXTRA_CA_CERTS: cloud.paths.caCertificate,
    },
  });
