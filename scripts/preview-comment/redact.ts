const SECRET = "[secret]";

/**
 * Shapes of the lab's secrets, with the part that may stay in front of them.
 * Pulumi hides what the program marks as secret; this is for what reaches a text by another way, like an error's.
 */
const SHAPES: readonly RegExp[] = [
  /()-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /(\bAccountKey=)[A-Za-z0-9+/=]+/g,
  // A storage account's key: 64 bytes in base64.
  /()(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==/g,
  // The signature of a shared access signature.
  /([?&"']sig=)[A-Za-z0-9%+/=]+/g,
  // A bearer token.
  /()\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g,
  /(\b[a-z]+:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g,
];

/** The text with `[secret]` in place of what looks like one. */
export function redact(text: string): string {
  return SHAPES.reduce((clean, shape) => clean.replace(shape, `$1${SECRET}`), text);
}
