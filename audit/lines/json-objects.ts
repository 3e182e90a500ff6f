const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const COMMA = 0x2c;

const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === LINE_FEED || byte === 0x09 || byte === 0x0d;

/** What is between objects: the array's brackets, commas and space. */
const isBetween = (byte: number): boolean =>
  isSpace(byte) || byte === COMMA || byte === OPENING_BRACKET || byte === CLOSING_BRACKET;

/** What ends a piece that is no object. */
const endsOther = (byte: number): boolean =>
  isBetween(byte) && (byte === LINE_FEED || !isSpace(byte));

export interface ObjectEnds {
  /** The object begins at the byte. */
  readonly begin: (at: number) => void;
  /** The object ends before the byte. */
  readonly end: (at: number) => void;
}

/**
 * Finds the objects of a JSON array, or objects one after the other, in chunks of bytes. An incomplete object ends before
 * the next one, if both begin with a line and the same indentation. Anything else between objects counts as an object too,
 * so that it is reported.
 */
export class JsonObjects {
  /** The brackets and braces that are open in the current object; undefined between objects. */
  private open: number[] | undefined;
  private inString = false;
  private afterBackslash = false;
  /** Spaces before the current object, if it begins its line; otherwise negative. */
  private indentation = -1;
  /** Spaces since the line began; negative after the first other byte. */
  private spaces = 0;

  /** Forgets the current object: the next byte is the first of a file, or of the object after it. */
  reset(): void {
    this.open = undefined;
    this.inString = false;
    this.afterBackslash = false;
    this.spaces = 0;
  }

  /**
   * @param from the first byte to scan
   * @param ends is called with positions in these bytes
   */
  scan(bytes: Buffer, from: number, { begin, end }: ObjectEnds): void {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      const spaces = this.countSpaces(byte);
      if (this.open && byte === OPENING_BRACE && this.isNextObject(this.open, spaces)) {
        this.finish();
        end(at);
      }
      if (!this.open) {
        if (isBetween(byte)) continue;
        this.open = [];
        this.indentation = spaces;
        begin(at);
      }
      const isLast = this.step(byte, this.open);
      if (isLast) {
        this.finish();
        end(byte === CLOSING_BRACE ? at + 1 : at);
      }
    }
  }

  private finish(): void {
    this.open = undefined;
    this.inString = false;
    this.afterBackslash = false;
  }

  /** Spaces between the line's begin and this byte; negative if there was another byte. */
  private countSpaces(byte: number): number {
    const before = this.spaces;
    if (byte === LINE_FEED) this.spaces = 0;
    else if (!isSpace(byte)) this.spaces = -1;
    else if (before >= 0) this.spaces += 1;
    return before;
  }

  private isNextObject(open: readonly number[], spaces: number): boolean {
    if (open.length === 0) return true;
    // Within an array of the object, objects may have the same indentation if it is none.
    return spaces >= 0 && spaces === this.indentation && open.at(-1) !== OPENING_BRACKET;
  }

  /** @returns whether the object ends with the byte, or other text before it */
  private step(byte: number, open: number[]): boolean {
    if (this.inString) {
      if (this.afterBackslash) this.afterBackslash = false;
      else if (byte === BACKSLASH) this.afterBackslash = true;
      // JSON escapes line feeds: this string lacks its end.
      else if (byte === QUOTE || byte === LINE_FEED) this.inString = false;
      return false;
    }
    if (open.length === 0 && byte !== OPENING_BRACE) return endsOther(byte);
    switch (byte) {
      case QUOTE:
        this.inString = true;
        return false;
      case OPENING_BRACE:
      case OPENING_BRACKET:
        open.push(byte);
        return false;
      case CLOSING_BRACKET:
        if (open.at(-1) === OPENING_BRACKET) open.pop();
        return false;
      case CLOSING_BRACE:
        // An array without its end ends with its object.
        while (open.pop() === OPENING_BRACKET);
        return open.length === 0;
      default:
        return false;
    }
  }
}
