import * as jwt from "jsonwebtoken";
import * as crypto from "node:crypto";
import * as path from "node:path";
import { readFileIfExists, writeSecretFile } from "../../common/files";
import { type LabPaths } from "../paths";

/** Who has a token: an application or a managed identity. */
export interface TokenHolder {
  readonly tenantId: string;
  /** Id of the application, the client id. */
  readonly appId: string;
  /** Id of its principal, which role assignments name. */
  readonly objectId: string;
  /** Resource id of a managed identity, or of the machine that it belongs to. */
  readonly resourceId?: string;
}

export interface TokenRequest extends TokenHolder {
  /** What the token is for: `https://storage.azure.com`. */
  readonly audience: string;
  /** How long it is valid. */
  readonly seconds: number;
}

/** The claims that local Azure reads. Source: Microsoft identity platform, "Access token claims reference". */
export interface Claims {
  readonly aud: string;
  readonly appid: string;
  readonly oid: string;
}

const ALGORITHM = "RS256";

/** The keys with which a lab's Entra ID signs its tokens. The key is made once; tokens stay valid across restarts. */
export class TokenAuthority {
  private readonly keyFile: string;
  private keys: { readonly key: crypto.KeyObject; readonly id: string } | undefined;

  constructor(paths: Pick<LabPaths, "secrets">) {
    this.keyFile = path.join(paths.secrets, "token-signing.key");
  }

  /** A token of the form that Entra ID's version 1 has, and Azure's managed identities get. */
  issue({ audience, seconds, tenantId, appId, objectId, resourceId }: TokenRequest): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      aud: audience,
      iss: `https://sts.windows.net/${tenantId}/`,
      iat: now,
      nbf: now,
      exp: now + seconds,
      appid: appId,
      oid: objectId,
      sub: objectId,
      tid: tenantId,
      idtyp: "app",
      ver: "1.0",
      ...(resourceId !== undefined && { xms_mirid: resourceId }),
    };
    const { key, id } = this.signingKey();
    return jwt.sign(claims, key, { algorithm: ALGORITHM, keyid: id });
  }

  /** The claims of a token for an audience; `expired`, or `invalid` where it isn't one of this lab's. */
  check(token: string, audience: string): Claims | "expired" | "invalid" {
    const { key } = this.signingKey();
    try {
      const options = { algorithms: [ALGORITHM], audience } satisfies jwt.VerifyOptions;
      return jwt.verify(token, crypto.createPublicKey(key), options) as unknown as Claims;
    } catch (error) {
      return error instanceof jwt.TokenExpiredError ? "expired" : "invalid";
    }
  }

  /** PEM. */
  get publicKey(): string {
    const key = crypto.createPublicKey(this.signingKey().key);
    return key.export({ type: "spki", format: "pem" }).toString();
  }

  /** The public key as Entra ID publishes it. Source: RFC 7517. */
  keySet(): object {
    const { key, id } = this.signingKey();
    const jwk = crypto.createPublicKey(key).export({ format: "jwk" });
    return { keys: [{ ...jwk, use: "sig", alg: ALGORITHM, kid: id }] };
  }

  private signingKey() {
    if (this.keys) return this.keys;
    const key = this.readKey() ?? this.createKey();
    const der = crypto.createPublicKey(key).export({ type: "spki", format: "der" });
    const id = crypto.createHash("sha256").update(der).digest("base64url").slice(0, 27);
    return (this.keys = { key, id });
  }

  /** Undefined where the file is missing or damaged: with another key, clients only have to sign in again. */
  private readKey(): crypto.KeyObject | undefined {
    try {
      return crypto.createPrivateKey(readFileIfExists(this.keyFile) ?? "");
    } catch {
      return undefined;
    }
  }

  private createKey(): crypto.KeyObject {
    const { privateKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    writeSecretFile(this.keyFile, pem);
    return privateKey;
  }
}
