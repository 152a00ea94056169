import { ciRows, contactRows, relationRows, tableKind } from '../csv.ts';
import { documentRows } from '../ownItems.ts';
import type { ImportRows } from '../rows.ts';
import type { FormatReader } from './reader.ts';
import { type Content, isRecord } from './sourceFile.ts';

/** Our own shape: tables of nodes, edges or contacts, and documents with the lists `cis` and `relations`. */
export const own: FormatReader = {
  format: 'Faultline',
  recognises: (content) =>
    content.notation === 'table'
      ? tableKind(content.columns) !== null
      : content.written === 'tree' && content.documents.some(holdsGraph),
  rows: (contents) => {
    const read = contents.map(rowsOf);
    return {
      cis: read.flatMap((one) => one.cis),
      relations: read.flatMap((one) => one.relations),
      contacts: read.flatMap((one) => one.contacts),
    };
  },
};

function holdsGraph(document: unknown): boolean {
  return isRecord(document) && (Array.isArray(document.cis) || Array.isArray(document.relations));
}

function rowsOf(content: Content): ImportRows {
  const none: ImportRows = { cis: [], relations: [], contacts: [] };
  const { file } = content;
  if (content.notation === 'documents') {
    const read = content.documents.filter(holdsGraph).map((document) => documentRows(file, document as never));
    return {
      cis: read.flatMap((one) => one.cis),
      relations: read.flatMap((one) => one.relations),
      contacts: [],
    };
  }
  switch (tableKind(content.columns)) {
    case 'nodes':
      return { ...none, cis: ciRows(file, content.text) };
    case 'edges':
      return { ...none, relations: relationRows(file, content.text) };
    case 'contacts':
      return { ...none, contacts: contactRows(file, content.text) };
    case null:
      return none;
  }
}
