import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { version } from "@pulumi/random/package.json";
import { hash } from "bcryptjs";
import { runMain } from "../../../common/run-main";
import {
  containsUnknown,
  diffInputs,
  secret,
  serveProvider,
  type CheckFailure,
  type CreateResult,
  type Inputs,
  type ProviderDefinition,
  type ResourceHandler,
} from "../protocol";
import { checkCharacters, randomCharacters } from "./characters";

/** The bcrypt cost that hashicorp/random uses (golang.org/x/crypto/bcrypt's default). */
const BCRYPT_COST = 10;

/** One kind of random value. */
interface Kind {
  check(news: Inputs): { inputs: Inputs; failures: CheckFailure[] };
  /** Generates the id and the outputs other than the inputs. */
  generate(inputs: Inputs): Promise<CreateResult> | CreateResult;
}

const KINDS: Readonly<Record<string, Kind>> = {
  "random:index/randomPassword:RandomPassword": {
    check: checkCharacters,
    generate: async (inputs) => {
      const result = randomCharacters(inputs);
      // bcrypt uses the first 72 bytes.
      const bcryptHash = await hash(result.slice(0, 72), BCRYPT_COST);
      return { id: "none", outputs: { result: secret(result), bcryptHash: secret(bcryptHash) } };
    },
  },
  "random:index/randomString:RandomString": {
    check: checkCharacters,
    generate: (inputs) => {
      const result = randomCharacters(inputs);
      return { id: result, outputs: { result } };
    },
  },
  "random:index/randomId:RandomId": {
    check: (news) => checkPositive(news, "byteLength"),
    generate: ({ byteLength, prefix = "" }) => {
      const bytes = randomBytes(byteLength as number);
      const [id, hex] = [bytes.toString("base64url"), bytes.toString("hex")];
      const withPrefix = (text: string) => `${prefix as string}${text}`;
      return {
        id,
        outputs: {
          b64Std: withPrefix(bytes.toString("base64")),
          b64Url: withPrefix(id),
          dec: withPrefix(BigInt(`0x${hex}`).toString()),
          hex: withPrefix(hex),
        },
      };
    },
  },
  "random:index/randomBytes:RandomBytes": {
    check: (news) => checkPositive(news, "length"),
    generate: ({ length }) => {
      const bytes = randomBytes(length as number);
      const [base64, hex] = [bytes.toString("base64"), bytes.toString("hex")];
      return { id: base64, outputs: { base64: secret(base64), hex: secret(hex) } };
    },
  },
  "random:index/randomUuid:RandomUuid": {
    check: (inputs) => ({ inputs, failures: [] }),
    generate: () => {
      const result = randomUUID();
      return { id: result, outputs: { result } };
    },
  },
  "random:index/randomInteger:RandomInteger": {
    check: checkInteger,
    generate: ({ min, max }) => {
      const result = randomInt(min as number, (max as number) + 1);
      return { id: String(result), outputs: { result } };
    },
  },
};

/**
 * `pulumi-resource-random` for machines without Pulumi's: the types of @pulumi/random that need no word list and no seeded
 * generator. Every change of an input replaces the resource.
 */
export function randomProvider(version: string): ProviderDefinition {
  return {
    name: "random",
    version,
    supportsPreview: true,
    resources: (type) => {
      const kind = KINDS[type];
      return kind && handlerOf(kind);
    },
    invokes: () => undefined,
  };
}

function handlerOf(kind: Kind): ResourceHandler {
  return {
    // Values that are unknown in a preview can't be checked.
    check: async ({ news }) => {
      const { inputs, failures } = kind.check(news);
      return { inputs, failures: containsUnknown(news) ? [] : failures };
    },
    diff: async ({ oldInputs, news }) => ({
      changes: diffInputs(oldInputs, news).map((change) => ({ ...change, replaces: true })),
    }),
    create: async ({ inputs, preview }) => {
      if (preview) return { id: "", outputs: inputs };
      const { id, outputs } = await kind.generate(inputs);
      return { id, outputs: { ...inputs, ...outputs } };
    },
    delete: async () => undefined,
  };
}

function checkPositive(inputs: Inputs, property: string) {
  const value = inputs[property];
  const valid = Number.isInteger(value) && (value as number) >= 1;
  const reason = `is ${JSON.stringify(value)}, and must be a whole number of at least 1`;
  return { inputs, failures: valid ? [] : [{ property, reason }] };
}

function checkInteger(inputs: Inputs) {
  const { min, max, seed } = inputs;
  const failures: CheckFailure[] = [];
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || Number(min) > Number(max)) {
    const reason = `min is ${JSON.stringify(min)} and max ${JSON.stringify(max)}: they must be whole numbers, min not greater than max`;
    failures.push({ property: "min", reason });
  }
  if (seed !== undefined) {
    const reason = "the local random provider has no seeded numbers: remove it";
    failures.push({ property: "seed", reason });
  }
  return { inputs, failures };
}

if (require.main === module) runMain(() => serveProvider(randomProvider(version)));
