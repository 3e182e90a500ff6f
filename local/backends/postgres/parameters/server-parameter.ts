/** Azure's data types of server parameters. Source: Azure's REST API, type ConfigurationDataType. */
export type DataType = "Boolean" | "Enumeration" | "Integer" | "Numeric" | "Set" | "String";

/** A server parameter as Azure shows it. Source: Azure's REST API, type ConfigurationProperties. */
export interface ServerParameter {
  readonly name: string;
  readonly properties: {
    /** The written value, or the default. */
    readonly value: string;
    readonly defaultValue: string;
    readonly dataType: DataType;
    /** `on,off`, `1-100`, a list of words, or a regular expression. */
    readonly allowedValues: string;
    readonly description: string;
    readonly documentationLink?: string;
    readonly unit?: string;
    readonly source: "system-default" | "user-override";
    /** Whether a new value takes effect without a restart. */
    readonly isDynamicConfig: boolean;
    readonly isReadOnly: boolean;
    readonly isConfigPendingRestart: boolean;
  };
}

/** Values by parameter name; parameters that aren't in it have their defaults. */
export type Values = Readonly<Record<string, string>>;

/** A change of a server parameter that is refused, with Azure's code. */
export class InvalidParameterError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The words of a list such as `a, b`. */
export const splitList = (value: string): string[] =>
  value
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");

/** Whether two spellings are the same value, such as ON and on, or 1 and 1.0. */
export function isSameValue(dataType: DataType, a: string, b: string): boolean {
  if (a === b) return true;
  if (dataType === "String") return false;
  if (dataType === "Integer" || dataType === "Numeric") {
    return a.trim() !== "" && b.trim() !== "" && Number(a) === Number(b);
  }
  return splitList(a.toLowerCase()).join() === splitList(b.toLowerCase()).join();
}
