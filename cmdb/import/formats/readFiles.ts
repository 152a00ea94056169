import { type ImportRows, lineError } from '../rows.ts';
import { backstage } from './backstage.ts';
import { iTop } from './iTop.ts';
import { netbox } from './netbox/netbox.ts';
import { nodeLink } from './nodeLink.ts';
import { own } from './own.ts';
import type { FormatReader } from './reader.ts';
import { serviceNow } from './serviceNow.ts';
import { type Content, contentOf, type SourceFile } from './sourceFile.ts';

/** In the order in which they are asked: our own shape is the one that says least about itself. */
const READERS: readonly FormatReader[] = [backstage, iTop, netbox, serviceNow, nodeLink, own];

export interface ReadFiles extends ImportRows {
  /** Which tool wrote each file. */
  readonly formats: readonly { readonly file: string; readonly format: string }[];
}

/** Reads exports of any tool that is known, each told by its content. @throws {FaultlineError} CMDB_IMPORT_LINE */
export async function readFiles(files: readonly SourceFile[]): Promise<ReadFiles> {
  const contents = new Map<FormatReader, Content[]>();
  const formats: { file: string; format: string }[] = [];
  for (const file of files) {
    const content = await contentOf(file);
    const reader = READERS.find((one) => one.recognises(content));
    if (reader === undefined) throw unknownFormat(content);
    formats.push({ file: file.name, format: reader.format });
    contents.set(reader, [...(contents.get(reader) ?? []), content]);
  }
  const read = [...contents].map(([reader, of]) => reader.rows(of));
  return {
    cis: read.flatMap((one) => one.cis),
    relations: read.flatMap((one) => one.relations),
    contacts: read.flatMap((one) => one.contacts),
    notes: read.flatMap((one) => one.notes ?? []),
    formats,
  };
}

function unknownFormat(content: Content): Error {
  const known =
    'CSV, JSON and YAML of our own shape, node-link JSON, NetBox, iTop XML, ServiceNow CSV and JSON, Backstage catalogs';
  const seen =
    content.notation === 'table' ? ` Its columns are ${content.columns.slice(0, 12).join(', ').slice(0, 300)}.` : '';
  return lineError({ file: content.file, line: 1 }, 'format', `is none that is read here: ${known}.${seen}`);
}
