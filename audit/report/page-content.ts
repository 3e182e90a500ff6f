import type { Tally } from "../output/tally";
import type { ClientBundle } from "./client-bundle";
import type { NotableRule } from "./report-data";

export interface PageContent {
  /** ISO 8601, as all times. */
  readonly createdAt: string;
  readonly servers: readonly string[];
  /** Times of the oldest and the newest record; undefined without records. */
  readonly range?: { readonly first: string; readonly last: string };
  /** Records in the table. */
  readonly rows: number;
  readonly oldestRow?: string;
  /** Undefined if no rules were applied. */
  readonly notable?: readonly NotableRule[];
  readonly errors: number;
  readonly users: number;
  /** False if none of the records of SELECT and DML names its relations. */
  readonly namesRelations: boolean;
  readonly tally: Tally;
  /** `ReportData` as JSON, compressed by gzip, in base64. */
  readonly data: string;
  readonly client: ClientBundle;
}
