/** The options as commander returns them. */
export interface OptionTexts {
  readonly stack?: string;
  readonly containerUrl?: string;
  readonly connectTo?: string;
  readonly follow?: boolean;
  readonly interval: string;
  readonly since?: string;
  readonly until?: string;
  readonly system?: boolean;
  readonly class?: string;
  readonly user?: string;
  readonly database?: string;
  readonly command?: string;
  readonly object?: string;
  readonly client?: string;
  readonly sessionId?: string;
  readonly pid?: string;
  readonly kind?: string;
  readonly grep?: string;
  readonly format?: string;
  readonly summary?: boolean;
  readonly verify?: boolean;
  readonly notable?: boolean;
  readonly rules?: readonly string[];
  readonly known?: string;
  readonly failOn?: string;
  /** Two words, and perhaps paths. */
  readonly compare?: readonly string[];
  readonly html?: string;
  readonly open?: boolean;
  readonly sql?: string;
  readonly parquet?: string;
  readonly force?: boolean;
  readonly threads?: string;
  readonly unique?: boolean;
  readonly logLinePrefix?: string;
  readonly logTimeZone?: string;
  readonly timeZone?: string;
  readonly server?: string;
  readonly sinceLast?: string;
  readonly limit?: string;
  readonly tail?: string;
}

/** What options mean depends on it. */
export interface OptionContext {
  readonly paths: readonly string[];
  /** Relative paths start here. */
  readonly folder: string;
  readonly now: Date;
  /** The zone of this machine. */
  readonly localZone: string;
  /** Whether a trail is found without paths and --container-url. */
  readonly hasStacks: boolean;
}
