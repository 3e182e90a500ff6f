import { UserError } from "../../common/user-error";
import { ensureEngine } from "../../local/engine/engine";
import { type AzureNativeKind } from "../../local/engine/plugins";
import { labExports, labUnset } from "../../local/environment";
import { findLab } from "../../local/lab";

export interface EnvOptions {
  /** Print what undoes an earlier `lab env`. */
  readonly unset: boolean;
  /** The azure-native plugin that plain `pulumi` is to use. @default what LAB_AZURE_NATIVE names, else the stand-in */
  readonly azureNative?: AzureNativeKind;
}

/** `./lab env`: lines for a shell's eval. */
export async function env({ unset, azureNative }: EnvOptions): Promise<void> {
  if (unset) {
    console.log(labUnset());
    return;
  }
  const lab = await findLab();
  if (!lab) throw new UserError("No lab is set up here. Start one with `./lab up`.");
  const { paths, settings } = lab;
  const engine = azureNative
    ? await ensureEngine(paths, console.error, undefined, azureNative)
    : lab.engine;
  console.log(labExports(paths, settings, engine));
}
