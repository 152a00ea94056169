import {
  BOOLEAN,
  BOOLEAN_ARRAY,
  DATE_TIME,
  DOUBLE,
  datatypeName,
  FLOAT,
  INT8,
  INT16,
  INT32,
  INT64,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
} from './datatypes.ts';
import type { WireValue } from './model.ts';

/** A number, or why there is none. */
export type Reading = number | { reason: string };

/**
 * The number that a scalar value of a datatype means: booleans as 0 and 1, date-times as milliseconds since the epoch. An
 * integer that does not fit its datatype is refused rather than cut. Beyond 2^53 a double is the nearest there is.
 */
export function numberOf(datatype: number, value: WireValue): Reading {
  switch (datatype) {
    case INT8:
      return signed(value, 8, datatype);
    case INT16:
      return signed(value, 16, datatype);
    case INT32:
      return signed(value, 32, datatype);
    case UINT8:
      return unsigned(value, 0xff, datatype);
    case UINT16:
      return unsigned(value, 0xffff, datatype);
    case UINT32:
      return unsigned(value, 0xffff_ffff, datatype);
    case INT64:
      return value.in === 'long' ? Number(BigInt.asIntN(64, value.value)) : signed(value, 32, datatype);
    case UINT64:
    case DATE_TIME:
      if (value.in === 'int' || value.in === 'long') return Number(value.value);
      return mismatch(datatype, value);
    case FLOAT:
    case DOUBLE:
      return value.in === 'float' || value.in === 'double' ? value.value : mismatch(datatype, value);
    case BOOLEAN:
      return value.in === 'boolean' ? Number(value.value) : mismatch(datatype, value);
    default:
      return { reason: `${datatypeName(datatype)} is no number; only numbers are stored as readings` };
  }
}

/** Senders write a negative integer with the sign of its own width, of 32 bits, or (as protobuf does) of 64. */
function signed(value: WireValue, bits: 8 | 16 | 32, datatype: number): Reading {
  const word = wordOf(value);
  if (word === null) return mismatch(datatype, value);
  const span = 2 ** bits;
  if (word < span / 2 || word >= 2 ** 32 - span / 2) return word | 0;
  return word < span ? word - span : outside(datatype, word);
}

function unsigned(value: WireValue, highest: number, datatype: number): Reading {
  const word = value.in === 'long' ? Number(value.value) : value.in === 'int' ? value.value : null;
  if (word === null) return mismatch(datatype, value);
  return word <= highest ? word : outside(datatype, word);
}

/** The low 32 bits of a value that fits them, sign-extended or not. */
function wordOf(value: WireValue): number | null {
  if (value.in === 'int') return value.value;
  if (value.in !== 'long') return null;
  const wide = BigInt.asIntN(64, value.value);
  return wide >= -(2n ** 31n) && wide < 2n ** 32n ? Number(BigInt.asUintN(32, wide)) : null;
}

function mismatch(datatype: number, value: WireValue): { reason: string } {
  return { reason: `a value sent as ${value.in} is no ${datatypeName(datatype)}` };
}

function outside(datatype: number, word: number): { reason: string } {
  return { reason: `${word} does not fit ${datatypeName(datatype)}` };
}

/** Bytes of one element, and how it is read, of the arrays that hold numbers (§6.4.17, little endian). */
const ELEMENTS: Readonly<Record<number, [bytes: number, read: (bytes: Buffer, at: number) => number]>> = {
  22: [1, (bytes, at) => bytes.readInt8(at)],
  23: [2, (bytes, at) => bytes.readInt16LE(at)],
  24: [4, (bytes, at) => bytes.readInt32LE(at)],
  25: [8, (bytes, at) => Number(bytes.readBigInt64LE(at))],
  26: [1, (bytes, at) => bytes.readUInt8(at)],
  27: [2, (bytes, at) => bytes.readUInt16LE(at)],
  28: [4, (bytes, at) => bytes.readUInt32LE(at)],
  29: [8, (bytes, at) => Number(bytes.readBigUInt64LE(at))],
  30: [4, (bytes, at) => bytes.readFloatLE(at)],
  31: [8, (bytes, at) => bytes.readDoubleLE(at)],
  34: [8, (bytes, at) => Number(bytes.readBigInt64LE(at))],
};

/** Whether a datatype is an array of numbers. */
export function isNumberArray(datatype: number): boolean {
  return datatype === BOOLEAN_ARRAY || ELEMENTS[datatype] !== undefined;
}

/** The numbers of an array, at most `limit` of them, or why there are none. */
export function numbersOf(datatype: number, bytes: Buffer, limit: number): number[] | { reason: string } {
  const many = { reason: `an array of more than ${limit} elements` };
  if (datatype === BOOLEAN_ARRAY) {
    // Its length as u32, then the bits, the first one in the highest place.
    const count = bytes.length < 4 ? -1 : bytes.readUInt32LE(0);
    if (count > limit) return many;
    if (count < 0 || bytes.length !== 4 + Math.ceil(count / 8))
      return { reason: 'the bytes of a BooleanArray do not agree with its length' };
    return Array.from({ length: count }, (_, index) => (bytes[4 + (index >> 3)]! >> (7 - (index & 7))) & 1);
  }
  const [size, read] = ELEMENTS[datatype]!;
  if (bytes.length % size !== 0) return { reason: `${bytes.length} bytes are no whole ${datatypeName(datatype)}` };
  const count = bytes.length / size;
  if (count > limit) return many;
  return Array.from({ length: count }, (_, index) => read(bytes, index * size));
}
