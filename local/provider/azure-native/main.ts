import { version } from "@pulumi/azure-native/package.json";
import { serveProvider } from "../protocol";
import { azureNativeProvider } from "./provider";

/** `pulumi-resource-azure-native` for local Azure. */
void serveProvider(azureNativeProvider(version, process.env));
