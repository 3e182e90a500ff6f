import { version } from "@pulumi/command/package.json";
import { serveProvider } from "../protocol";
import { commandProvider } from "./provider";

/** `pulumi-resource-command` for machines that can't have Pulumi's own. */
void serveProvider(commandProvider(version));
