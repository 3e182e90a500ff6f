import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { runMain } from "../../../common/run-main";
import { announcePort, engineAddress, listenOnLoopback } from "../../plugin-process";
import { LanguageHost } from "./language-host";

/** `pulumi-language-nodejs` for machines without Pulumi's: runs the program with the SDK's `cmd/run`. */
runMain(async () => {
  const host = new LanguageHost(engineAddress(process.argv.slice(2)));
  const { port } = await listenOnLoopback([
    { definition: LanguageRuntimeService, implementation: host.implementation() },
  ]);
  announcePort(port, () => host.cancel());
});
