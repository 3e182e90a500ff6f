import { randomInt } from "node:crypto";
import { isUnknown, type CheckFailure, type Inputs } from "../protocol";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
/** The default of `overrideSpecial`, as the real provider documents it. */
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** The inputs of RandomPassword and RandomString, with defaults. */
interface CharacterInputs extends Inputs {
  readonly length: number;
  readonly lower: boolean;
  readonly upper: boolean;
  readonly numeric: boolean;
  readonly special: boolean;
  readonly minLower: number;
  readonly minUpper: number;
  readonly minNumeric: number;
  readonly minSpecial: number;
  readonly overrideSpecial?: string;
}

/** Fills in the defaults, and checks that the text can be generated. */
export function checkCharacters(news: Inputs): { inputs: Inputs; failures: CheckFailure[] } {
  // `number` is the old name of `numeric`.
  const numeric = news.numeric ?? news.number ?? true;
  const inputs = {
    ...{ lower: true, upper: true, special: true },
    ...{ minLower: 0, minUpper: 0, minNumeric: 0, minSpecial: 0 },
    ...Object.fromEntries(Object.entries(news).filter(([, value]) => value !== null)),
    ...{ numeric, number: numeric },
  } as CharacterInputs & { number: unknown };
  const failures: CheckFailure[] = [];
  const { length } = inputs;
  const minimum = sets(inputs).reduce((sum, { atLeast }) => sum + atLeast, 0);
  if (!Number.isInteger(length) || length < 1) {
    const reason = `is ${JSON.stringify(news.length)}, and must be a whole number of at least 1`;
    failures.push({ property: "length", reason });
  } else if (length < minimum) {
    const reason = `is ${length}, less than the sum of the minimums, ${minimum}`;
    failures.push({ property: "length", reason });
  }
  if (allowed(inputs) === "" && !isUnknown(inputs.overrideSpecial)) {
    const reason = "no characters are allowed: allow one of lower, upper, numeric, special";
    failures.push({ property: "lower", reason });
  }
  return { inputs, failures };
}

/** A text of the wanted length, with each kind of characters at least its minimum, in random order. */
export function randomCharacters(checked: Inputs): string {
  const inputs = checked as CharacterInputs;
  const drawn = sets(inputs).flatMap(({ characters, atLeast }) => draw(characters, atLeast));
  drawn.push(...draw(allowed(inputs), inputs.length - drawn.length));
  return shuffle(drawn).join("");
}

function sets(inputs: CharacterInputs) {
  return [
    { use: inputs.lower, characters: LOWER, atLeast: inputs.minLower },
    { use: inputs.upper, characters: UPPER, atLeast: inputs.minUpper },
    { use: inputs.numeric, characters: DIGITS, atLeast: inputs.minNumeric },
    {
      use: inputs.special,
      characters: inputs.overrideSpecial || SPECIAL,
      atLeast: inputs.minSpecial,
    },
  ];
}

function allowed(inputs: CharacterInputs): string {
  return sets(inputs)
    .map(({ use, characters }) => (use ? characters : ""))
    .join("");
}

/** `randomInt` is cryptographically secure and has no modulo bias. */
function draw(characters: string, count: number): string[] {
  return Array.from({ length: count }, () => characters.charAt(randomInt(characters.length)));
}

function shuffle<T>(items: T[]): T[] {
  for (let index = items.length - 1; index > 0; index--) {
    const other = randomInt(index + 1);
    [items[index], items[other]] = [items[other] as T, items[index] as T];
  }
  return items;
}
