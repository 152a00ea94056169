import type { ImportRows } from '../rows.ts';
import type { Content } from './sourceFile.ts';

/** Reads the exports of one tool. Files of the same tool are read together: they refer to each other. */
export interface FormatReader {
  /** As it is shown: `NetBox`, `iTop`. */
  readonly format: string;
  /** Whether the content is this tool's, by what stands in it. */
  recognises(content: Content): boolean;
  /** @throws {FaultlineError} CMDB_IMPORT_LINE */
  rows(contents: readonly Content[]): ImportRows;
}
