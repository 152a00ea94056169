import { Notes, type RelationRow } from '../../rows.ts';
import type { FormatReader } from '../reader.ts';
import type { Content } from '../sourceFile.ts';
import { cablesOf } from './cables.ts';
import { netboxCis } from './cis.ts';
import { NetboxObjects } from './objects.ts';
import { pathsOf } from './paths.ts';
import { addBriefOnes, fieldRelations } from './relations.ts';
import { kindOfTable, objectsOfTable } from './tables.ts';
import { isNetboxTree, objectsOfTree } from './trees.ts';
import { wiring } from './wiring.ts';

/** NetBox: dumps of its database by `dumpdata`, answers of its API, tables of its pages. */
export const netbox: FormatReader = {
  format: 'NetBox',
  recognises: (content) =>
    content.notation === 'table'
      ? kindOfTable(content.columns) !== undefined
      : content.written === 'tree' && content.documents.some(isNetboxTree),
  rows: (contents) => {
    const objects = new NetboxObjects();
    for (const content of contents) for (const object of objectsOf(content)) objects.add(object);
    addBriefOnes(objects);
    const notes = new Notes();
    const note = (message: string, count: number) => notes.add(message, count);
    const { cis, keys } = netboxCis(objects, note);
    const { cables, loose } = cablesOf(objects);
    if (loose > 0) note('NetBox: cables one end of which is not among the files; left out.', loose);
    const relations = [...fieldRelations(objects, keys, note), ...wiring(objects, keys, pathsOf(objects, cables))];
    return { cis, relations: once(relations), contacts: [], notes: notes.list() };
  },
};

function objectsOf(content: Content) {
  if (content.notation === 'table') {
    return objectsOfTable(content.file, content.text, kindOfTable(content.columns)!);
  }
  return content.documents.flatMap((document) => objectsOfTree(content.file, document));
}

/** A person may answer for a site in two roles; the accountable one counts, and the first of any other relation. */
function once(rows: readonly RelationRow[]): RelationRow[] {
  const kept = new Map<string, RelationRow>();
  for (const row of rows) {
    const name = `${row.from}\n${row.type}\n${row.to}`;
    if (!kept.has(name) || row.attributes.role === 'accountable') kept.set(name, row);
  }
  return [...kept.values()];
}
