import { PlainReader } from './plainReader.ts';
import type { Sample } from './types.ts';

const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const MAX_BOOT_CHARACTERS = 64;
const MAX_UNIT_CHARACTERS = 32;
/** More values than this are left to the general parser: each name is compared with those before it. */
const MAX_VALUES = 32;

/** What an object has said so far; each field at most once. */
class Said {
  point: string | null = null;
  value: number | null = null;
  unit: string | null = null;
  timeNs: bigint | null = null;
  sentAtNs: bigint | null = null;
  boot: string | null = null;
  seq: bigint | null = null;

  get isSample(): boolean {
    return this.point !== null && this.value !== null;
  }

  get isShared(): boolean {
    return this.point === null && this.value === null && this.unit === null;
  }
}

const NOTHING = new Said();

/**
 * The samples of a message in one of our own shapes as nearly every sender writes it: known fields, each once, plain ASCII
 * texts, numbers of at most 15 digits without an exponent, `samples` or `values` last. It takes a fifth of the time of
 * parsing the text and looking at each field.
 *
 * @returns exactly what `samplesOf(parseJson(…))` finds, or null: the message is otherwise, and the general parser has to
 *   say what it is
 */
export function plainSamples(bytes: Uint8Array, start: number, end: number): Sample[] | null {
  const reader = new PlainReader(bytes, start, end);
  const samples = messageIn(reader);
  return samples !== null && reader.isAtEnd() ? samples : null;
}

function messageIn(reader: PlainReader): Sample[] | null {
  if (!reader.take(OPEN_OBJECT)) return null;
  const said = new Said();
  do {
    const name = reader.name();
    if (name === 'samples' || name === 'values') {
      if (!said.isShared) return null;
      const samples = name === 'samples' ? listIn(reader, said) : valuesIn(reader, said);
      // What stood behind them would count for them, too.
      return samples !== null && reader.take(CLOSE_OBJECT) ? samples : null;
    }
    if (name === null || !fieldIn(reader, name, said)) return null;
  } while (reader.take(COMMA));
  return reader.take(CLOSE_OBJECT) && said.isSample ? [sampleOf(said, NOTHING, 0)] : null;
}

function listIn(reader: PlainReader, shared: Said): Sample[] | null {
  if (!reader.take(OPEN_LIST)) return null;
  const samples: Sample[] = [];
  do {
    if (!reader.take(OPEN_OBJECT)) return null;
    const said = new Said();
    do {
      const name = reader.name();
      if (name === null || !fieldIn(reader, name, said)) return null;
    } while (reader.take(COMMA));
    if (!reader.take(CLOSE_OBJECT) || !said.isSample) return null;
    samples.push(sampleOf(said, shared, samples.length));
  } while (reader.take(COMMA));
  return reader.take(CLOSE_LIST) ? samples : null;
}

function valuesIn(reader: PlainReader, shared: Said): Sample[] | null {
  if (!reader.take(OPEN_OBJECT)) return null;
  const samples: Sample[] = [];
  do {
    const said = new Said();
    said.point = pointOf(reader.name());
    said.value = reader.number();
    if (!said.isSample || samples.length === MAX_VALUES) return null;
    // A name that begins with a digit may be a number, and those come first in an object; the last of two equal ones wins.
    if (/^\d/.test(said.point!) || samples.some(({ point }) => point === said.point)) return null;
    samples.push(sampleOf(said, shared, samples.length));
  } while (reader.take(COMMA));
  return reader.take(CLOSE_OBJECT) ? samples : null;
}

/** Reads one field's value. @returns false when there is something about it that the general parser has to look at */
function fieldIn(reader: PlainReader, name: string, said: Said): boolean {
  switch (name) {
    case 'point':
      if (said.point !== null) return false;
      said.point = pointOf(reader.text());
      return said.point !== null;
    case 'value':
      if (said.value !== null) return false;
      said.value = reader.number();
      return said.value !== null;
    case 'unit':
      if (said.unit !== null) return false;
      said.unit = reader.text();
      return said.unit !== null && said.unit.length <= MAX_UNIT_CHARACTERS;
    case 'time':
      if (said.timeNs !== null) return false;
      said.timeNs = reader.time();
      return said.timeNs !== null;
    case 'sentAt':
      if (said.sentAtNs !== null) return false;
      said.sentAtNs = reader.time();
      return said.sentAtNs !== null;
    case 'boot':
      if (said.boot !== null) return false;
      said.boot = reader.text();
      return said.boot !== null && said.boot.length > 0 && said.boot.length <= MAX_BOOT_CHARACTERS;
    case 'seq':
      if (said.seq !== null) return false;
      said.seq = reader.whole();
      return said.seq !== null;
    default:
      return false;
  }
}

/** A text that may be a point's name; the general parser tells what is wrong with any other. */
function pointOf(text: string | null): string | null {
  if (text === null || text.length === 0 || text.startsWith(' ') || text.endsWith(' ')) return null;
  return text.includes('/') || text.includes('+') || text.includes('#') ? null : text;
}

function sampleOf(said: Said, shared: Said, index: number): Sample {
  return {
    point: said.point!,
    value: said.value!,
    unit: said.unit,
    timeNs: said.timeNs ?? shared.timeNs,
    sentAtNs: said.sentAtNs ?? shared.sentAtNs,
    boot: said.boot ?? shared.boot,
    seq: said.seq ?? shared.seq,
    index,
  };
}
