import { version } from "@pulumi/tls/package.json";
import { serveProvider } from "../protocol";
import { tlsProvider } from "./provider";

/** `pulumi-resource-tls` for machines that can't have Pulumi's own. */
void serveProvider(tlsProvider(version));
