import { version } from "@pulumi/random/package.json";
import { serveProvider } from "../protocol";
import { randomProvider } from "./provider";

/** `pulumi-resource-random` for machines that can't have Pulumi's own. */
void serveProvider(randomProvider(version));
