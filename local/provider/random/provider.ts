import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { hash } from "bcryptjs";
import {
  containsUnknown,
  diffInputs,
  secret,
  type CheckFailure,
  type CreateResult,
  type Inputs,
  type ProviderDefinition,
  type ResourceHandler,
} from "../protocol";
import { checkCharacters, randomCharacters } from "./characters";

/** The bcrypt cost that hashicorp/random uses (golang.org/x/crypto/bcrypt's default). */
const BCRYPT_COST = 10;

/** One kind of random value: how its inputs are checked and how it is drawn. */
interface Kind {
  check(news: Inputs): { inputs: Inputs; failures: CheckFailure[] };
  /** Gives the id and what comes on top of the inputs. */
  draw(inputs: Inputs): Promise<CreateResult> | CreateResult;
}

const KINDS: Readonly<Record<string, Kind>> = {
  "random:index/randomPassword:RandomPassword": {
    check: checkCharacters,
    draw: async (inputs) => {
      const result = randomCharacters(inputs);
      // bcrypt takes the first 72 bytes.
      const bcryptHash = await hash(result.slice(0, 72), BCRYPT_COST);
      return { id: "none", outputs: { result: secret(result), bcryptHash: secret(bcryptHash) } };
    },
  },
  "random:index/randomString:RandomString": {
    check: checkCharacters,
    draw: (inputs) => {
      const result = randomCharacters(inputs);
      return { id: result, outputs: { result } };
    },
  },
  "random:index/randomId:RandomId": {
    check: (news) => checkPositive(news, "byteLength"),
    draw: ({ byteLength, prefix = "" }) => {
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
    draw: ({ length }) => {
      const bytes = randomBytes(length as number);
      const [base64, hex] = [bytes.toString("base64"), bytes.toString("hex")];
      return { id: base64, outputs: { base64: secret(base64), hex: secret(hex) } };
    },
  },
  "random:index/randomUuid:RandomUuid": {
    check: (inputs) => ({ inputs, failures: [] }),
    draw: () => {
      const result = randomUUID();
      return { id: result, outputs: { result } };
    },
  },
  "random:index/randomInteger:RandomInteger": {
    check: checkInteger,
    draw: ({ min, max }) => {
      const result = randomInt(min as number, (max as number) + 1);
      return { id: String(result), outputs: { result } };
    },
  },
};

/** The types of @pulumi/random that need no word list and no seeded generator; any change of an input replaces. */
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
    // A value that a preview doesn't know yet can't be judged.
    check: async ({ news }) => {
      const { inputs, failures } = kind.check(news);
      return { inputs, failures: containsUnknown(news) ? [] : failures };
    },
    diff: async ({ oldInputs, news }) => ({
      changes: diffInputs(oldInputs, news).map((change) => ({ ...change, replaces: true })),
    }),
    create: async ({ inputs, preview }) => {
      if (preview) return { id: "", outputs: inputs };
      const { id, outputs } = await kind.draw(inputs);
      return { id, outputs: { ...inputs, ...outputs } };
    },
    delete: async () => undefined,
  };
}

function checkPositive(inputs: Inputs, property: string) {
  const value = inputs[property];
  const valid = Number.isInteger(value) && (value as number) >= 1;
  const reason = `is ${JSON.stringify(value)}, and must be a whole number from 1 up`;
  return { inputs, failures: valid ? [] : [{ property, reason }] };
}

function checkInteger(inputs: Inputs) {
  const { min, max, seed } = inputs;
  const failures: CheckFailure[] = [];
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || Number(min) > Number(max)) {
    const reason = `min is ${JSON.stringify(min)} and max ${JSON.stringify(max)}: two whole numbers, min not above max`;
    failures.push({ property: "min", reason });
  }
  if (seed !== undefined) {
    const reason = "the local random provider draws no seeded numbers: leave it out";
    failures.push({ property: "seed", reason });
  }
  return { inputs, failures };
}
