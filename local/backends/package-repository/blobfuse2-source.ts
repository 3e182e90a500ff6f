import { createHash } from "node:crypto";
import * as fs from "node:fs";
import execa from "execa";
import { UserError } from "../../../common/user-error";

/**
 * Where blobfuse2 comes from: an rpm or a binary named by the user, or the stand-in. `identity` changes with the content.
 */
export type Blobfuse2Source =
  | { readonly kind: "stand-in"; readonly identity: string }
  | { readonly kind: "rpm" | "binary"; readonly file: string; readonly identity: string };

const RPM_MAGIC = Buffer.from([0xed, 0xab, 0xee, 0xdb]);
const ELF_MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);

/**
 * Checks the file that LAB_BLOBFUSE2 names.
 * @param file the variable's value; undefined or empty means the stand-in
 * @throws UserError if it is neither an rpm of blobfuse2 nor an executable
 */
export async function findBlobfuse2(file: string | undefined): Promise<Blobfuse2Source> {
  if (file === undefined || file === "") return { kind: "stand-in", identity: "stand-in" };
  const content = readNamed(file);
  const identity = createHash("sha256").update(content).digest("hex");
  if (content.subarray(0, 4).equals(ELF_MAGIC)) return { kind: "binary", file, identity };
  if (content.subarray(0, 4).equals(RPM_MAGIC)) {
    const name = await queryRpm(file, "%{NAME}");
    if (name === "blobfuse2") return { kind: "rpm", file, identity };
    throw refused(file, `an rpm of ${name === "" ? "unknown content" : name}`);
  }
  throw refused(file, "neither an rpm nor a Linux executable");
}

/** A field of an rpm file, in rpm's `--queryformat` language; empty if the file can't be read. */
export async function queryRpm(file: string, format: string): Promise<string> {
  const { stdout } = await execa(
    "rpm",
    ["--query", "--nosignature", "--queryformat", format, file],
    {
      reject: false,
    },
  );
  return stdout;
}

/** The version that a blobfuse2 binary reports. */
export async function binaryVersion(file: string): Promise<string> {
  const { stdout } = await execa(file, ["--version"], { reject: false, timeout: 10_000 });
  const version = /^blobfuse2 version (\d+(?:\.\d+)+)/m.exec(stdout ?? "")?.[1];
  if (version !== undefined) return version;
  throw refused(file, "an executable whose `--version` isn't that of blobfuse2");
}

function readNamed(file: string): Buffer {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    throw refused(file, `not readable (${(error as NodeJS.ErrnoException).code})`);
  }
}

function refused(file: string, what: string): UserError {
  return new UserError(
    `LAB_BLOBFUSE2 is '${file}', which is ${what}. ` +
      "Give the path of a blobfuse2 binary or rpm for x86_64, or unset it to use the stand-in.",
  );
}
