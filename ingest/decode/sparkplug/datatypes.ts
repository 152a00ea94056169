/** Datatypes of Sparkplug 3.0.0 (§6.4.16) by code. */
export const DATATYPES: Readonly<Record<number, string>> = {
  1: 'Int8',
  2: 'Int16',
  3: 'Int32',
  4: 'Int64',
  5: 'UInt8',
  6: 'UInt16',
  7: 'UInt32',
  8: 'UInt64',
  9: 'Float',
  10: 'Double',
  11: 'Boolean',
  12: 'String',
  13: 'DateTime',
  14: 'Text',
  15: 'UUID',
  16: 'DataSet',
  17: 'Bytes',
  18: 'File',
  19: 'Template',
  20: 'PropertySet',
  21: 'PropertySetList',
  22: 'Int8Array',
  23: 'Int16Array',
  24: 'Int32Array',
  25: 'Int64Array',
  26: 'UInt8Array',
  27: 'UInt16Array',
  28: 'UInt32Array',
  29: 'UInt64Array',
  30: 'FloatArray',
  31: 'DoubleArray',
  32: 'BooleanArray',
  33: 'StringArray',
  34: 'DateTimeArray',
};

export const INT8 = 1;
export const INT16 = 2;
export const INT32 = 3;
export const INT64 = 4;
export const UINT8 = 5;
export const UINT16 = 6;
export const UINT32 = 7;
export const UINT64 = 8;
export const FLOAT = 9;
export const DOUBLE = 10;
export const BOOLEAN = 11;
export const DATE_TIME = 13;
export const DATA_SET = 16;
export const TEMPLATE = 19;
export const BOOLEAN_ARRAY = 32;

export function datatypeName(datatype: number): string {
  return DATATYPES[datatype] ?? `datatype ${datatype}`;
}
