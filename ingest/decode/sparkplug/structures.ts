import { type Budget, type Cell, type DataSet, type Metric, spend, type Template } from './model.ts';
import { WireError, type WireReader } from './wire.ts';

const MAX_COLUMNS = 10_000;

export function readDataSet(reader: WireReader, budget: Budget): DataSet {
  const table: DataSet = { columns: [], types: [], rows: [] };
  while (reader.next()) {
    if (reader.field === 2) {
      spend(budget);
      table.columns.push(reader.text());
    } else if (reader.field === 3) reader.uint32s(table.types, MAX_COLUMNS);
    else if (reader.field === 4) table.rows.push(readRow(reader.message(), budget));
    else reader.skip();
    if (table.columns.length > MAX_COLUMNS || table.types.length > MAX_COLUMNS)
      throw new WireError(`a data set of more than ${MAX_COLUMNS} columns`);
  }
  return table;
}

function readRow(reader: WireReader, budget: Budget): (Cell | null)[] {
  spend(budget); // an empty row costs memory too
  const cells: (Cell | null)[] = [];
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    spend(budget);
    cells.push(readCell(reader.message()));
  }
  return cells;
}

function readCell(reader: WireReader): Cell | null {
  let cell: Cell | null = null;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        cell = { in: 'int', value: reader.uint32() };
        break;
      case 2:
        cell = { in: 'long', value: reader.uint64() };
        break;
      case 3:
        cell = { in: 'float', value: reader.float() };
        break;
      case 4:
        cell = { in: 'double', value: reader.double() };
        break;
      case 5:
        cell = { in: 'boolean', value: reader.bool() };
        break;
      case 6:
        cell = { in: 'text', value: reader.text() };
        break;
      case 7:
        reader.skip();
        cell = { in: 'extension' };
        break;
      default:
        reader.skip();
    }
  }
  return cell;
}

export function readTemplate(reader: WireReader, readMember: (reader: WireReader) => Metric): Template {
  const template: Template = { isDefinition: false, members: [] };
  while (reader.next()) {
    if (reader.field === 2) template.members.push(readMember(reader.message()));
    else if (reader.field === 5) template.isDefinition = reader.bool();
    else reader.skip(); // version, parameters, reference
  }
  return template;
}
