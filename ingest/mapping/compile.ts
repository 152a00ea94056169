import { bufferOf, excerpt, MAX_ENTRIES } from '../decode/entries.ts';
import { bootField, failure, named, pointField, seqField, unitField, valueField } from '../decode/fields.ts';
import type {
  DecodeContext,
  DecodeFailure,
  RejectedEntry,
  Sample,
  TelemetryDecoding,
  TelemetryFormat,
} from '../decode/index.ts';
import { compileNumber, fixedUnit } from './coerce.ts';
import type { Condition, MappingDefinition, ReadingRule, TimeRule } from './definition.ts';
import { type Parsed, parserOf } from './parsed.ts';
import { compileEach, compileGet, type Path, Place, parsePath, WorkExceeded } from './path.ts';
import { compileTemplate, type Words } from './template.ts';
import { compileTime } from './timeText.ts';
import { matchTopic, parseTopicRule, type TopicRule } from './topicRule.ts';

/** A vendor's format, from a mapping's version. */
export interface MappedFormat extends TelemetryFormat {
  topics: readonly TopicRule[];
  /** As `decode`, and for each unit by its index the place its value stood at. */
  trace(payload: Uint8Array, context: DecodeContext): { decoding: TelemetryDecoding; places: string[] };
}

type Test = (place: Place) => boolean;
type Take = (rule: CompiledRule, place: Place) => void;
type Got<T> = { ok: true; value: T } | { ok: false; failure: DecodeFailure };

interface CompiledRule {
  /** Goes through the entries that are units; says whether there were entries at all. */
  walk(place: Place, take: Take): boolean;
  sample(
    place: Place,
    words: Words,
    at: (path: string) => string,
    shared: Shared,
    index: number,
  ): Sample | DecodeFailure;
  /** Where its entries and, in each, its value are looked for. */
  each: string;
  path: string;
}

/** What the message says for all of its readings, read at each entry. */
interface Shared {
  time(place: Place): Got<bigint | null>;
  sentAt(place: Place): Got<bigint | null>;
  boot(place: Place): Got<string | null>;
  seq(place: Place): Got<bigint | null>;
}

const get = (path: string): ((place: Place) => unknown) => compileGet(parsePath(path) as Path);
const nothing = { ok: true, value: null } as const;

/**
 * Turns a definition, which `mappingDefinition` has checked, into closures; done once for a version. Nothing of a
 * definition is ever run as program text.
 */
export function compileMapping(name: string, definition: MappingDefinition): MappedFormat {
  const parse = parserOf(definition);
  const ignored = anyOf(definition.ignore);
  const rules = definition.readings.map(compileRule);
  const shared: Shared = {
    time: timeOf(definition.time),
    sentAt: timeOf(definition.sentAt),
    boot: fieldOf(definition.boot, bootField),
    seq: fieldOf(definition.seq, seqField),
  };
  const topics = definition.topics.map((text) => parseTopicRule(text) as TopicRule);

  /** Walks through all units of a message that is not ignored; says why it cannot be taken as a whole. */
  const visit = ({ root, broken }: Parsed, take: Take): DecodeFailure | 'ignored' | null => {
    const place = new Place(root);
    if (ignored(place)) return 'ignored';
    let found = broken.length > 0;
    let units = broken.length;
    const counted: Take = (rule, at) => {
      if (++units > MAX_ENTRIES) throw new WorkExceeded();
      take(rule, at);
    };
    try {
      for (const rule of rules) if (rule.walk(place, counted)) found = true;
    } catch (error) {
      if (!(error instanceof WorkExceeded)) throw error;
      return failure(
        'MAPPING_WORK',
        'payload',
        `the message is too large for this mapping (at most ${MAX_ENTRIES} readings); send smaller ones`,
      );
    }
    if (found) return null;
    const wanted = [...new Set(rules.map(({ each }) => each))].slice(0, 4).join(', ');
    return failure(
      'MAPPING_PATH',
      wanted,
      `the message has nothing at ${wanted}; correct the mapping's paths, or ignore such messages by a rule`,
    );
  };

  const count = (payload: Buffer, start: number, end: number): number => {
    const parsed = parse(payload, start, end);
    if (!parsed.ok) return 1;
    let units = parsed.value.broken.length;
    const refused = visit(parsed.value, () => {
      units++;
    });
    if (refused === null) return units;
    return refused === 'ignored' ? 0 : 1;
  };

  const take = (payload: Uint8Array, context: DecodeContext, places: string[] | null): TelemetryDecoding => {
    const parsed = parse(bufferOf(payload), 0, payload.byteLength);
    if (!parsed.ok) return parsed;
    const { broken, lines } = parsed.value;
    const words = wordsOf(context, topics);
    const samples: Sample[] = [];
    const rejected: RejectedEntry[] = [];
    let index = 0;
    const refused = visit(parsed.value, (rule, place) => {
      const at = (path: string): string => placeText(place, path, lines);
      places?.push(at(rule.path));
      const made = rule.sample(place, words, at, shared, index);
      if ('point' in made) samples.push(made);
      else rejected.push({ ...made, index, entry: excerpt(place.node) });
      index++;
    });
    if (refused === 'ignored') return { ok: true, samples, rejected };
    if (refused !== null) return { ok: false, failure: refused };
    for (const entry of broken) {
      places?.push(entry.field);
      rejected.push({ ...entry, index: index++ });
    }
    return { ok: true, samples, rejected };
  };

  return {
    ...{ name, aliases: [], kind: 'telemetry', topics, count },
    decode: (payload, context) => take(payload, context, null),
    trace: (payload, context) => {
      const places: string[] = [];
      return { decoding: take(payload, context, places), places };
    },
  };
}

function wordsOf({ vendorTopic }: DecodeContext, topics: readonly TopicRule[]): Words {
  if (vendorTopic === null) return null;
  for (const rule of topics) {
    const words = matchTopic(rule, vendorTopic);
    if (words !== null) return words;
  }
  return { levels: vendorTopic.split('/'), device: undefined, point: undefined };
}

/** A place as a person finds it: a pointer, or a line and a column. */
function placeText(place: Place, path: string, lines: readonly number[] | null): string {
  if (path.startsWith('/')) return path;
  const own = path === '.' ? [] : [path];
  if (lines === null) return `/${[...place.trail, ...own].join('/')}`;
  const [row, ...columns] = place.trail;
  const line = row === undefined ? 'the table' : `line ${lines[Number(row)]}`;
  return [line, [...columns, ...own].join('/')].filter((part) => part !== '').join(', ');
}

function compileRule(rule: ReadingRule): CompiledRule {
  const each = compileEach(parsePath(rule.each) as Path);
  const wanted = rule.when.map(compileCondition);
  const unwanted = anyOf(rule.skip);
  const valueAt = get(rule.value);
  const skipsMissing = rule.missing === 'skip';
  const walk = (place: Place, take: Take): boolean => {
    let found = false;
    each(place, () => {
      found = true;
      if (!wanted.every((test) => test(place)) || unwanted(place)) return;
      if (skipsMissing && valueAt(place) == null) return;
      take(compiled, place);
    });
    return found;
  };
  const compiled: CompiledRule = {
    walk,
    each: rule.each,
    path: rule.value,
    sample: compileSample(rule, valueAt),
  };
  return compiled;
}

function compileSample(rule: ReadingRule, valueAt: (place: Place) => unknown): CompiledRule['sample'] {
  const name = compileTemplate(rule.point);
  const number = compileNumber(rule);
  const unitAt = compileUnit(rule);
  const ownTime = rule.time && timeOf(rule.time);
  const ownSeq = rule.seq === undefined ? undefined : fieldOf(rule.seq, seqField);
  return (place, words, at, shared, index) => {
    const filled = name(place, words);
    if (typeof filled !== 'string')
      return failure('POINT_NAME', at('.'), `the point's name needs {${filled.missing}}, which is not there`);
    const point = pointField(filled, at('.'));
    if (!point.ok) return point.failure;
    const told = valueAt(place);
    const read = number(told);
    if (read === undefined)
      return failure(
        'VALUE_TYPE',
        at(rule.value),
        `the value must be a number${rule.enumeration ? ' or a text of the enumeration' : ''}, not ${named(told)}`,
      );
    const value = valueField(read, at(rule.value));
    if (!value.ok) return value.failure;
    const unit = unitAt(place);
    if (!unit.ok) return unit.failure;
    const time = (ownTime ?? shared.time)(place);
    if (!time.ok) return time.failure;
    const sentAt = shared.sentAt(place);
    if (!sentAt.ok) return sentAt.failure;
    const boot = shared.boot(place);
    if (!boot.ok) return boot.failure;
    const seq = (ownSeq ?? shared.seq)(place);
    if (!seq.ok) return seq.failure;
    return {
      point: point.value,
      value: value.value,
      unit: unit.value,
      timeNs: time.value,
      sentAtNs: sentAt.value,
      boot: boot.value,
      seq: seq.value,
      index,
    };
  };
}

function compileUnit(rule: ReadingRule): (place: Place) => Got<string | null> {
  const { unit } = rule;
  if (typeof unit !== 'object') {
    const fixed = { ok: true, value: fixedUnit(rule) } as const;
    return () => fixed;
  }
  const told = get(unit.path);
  return (place) => {
    const read = unitField(told(place), unit.path);
    if (!read.ok || read.value === null) return read;
    return Object.hasOwn(unit.aliases, read.value) ? { ok: true, value: unit.aliases[read.value]! } : read;
  };
}

function timeOf(rule: TimeRule | undefined): (place: Place) => Got<bigint | null> {
  if (rule === undefined) return () => nothing;
  const told = get(rule.path);
  const read = compileTime(rule);
  const form = rule.pattern ?? (rule.format === 'auto' ? 'ISO 8601 or an epoch' : rule.format);
  return (place) => {
    const value = told(place);
    if (value === undefined || value === null || value === '') return nothing;
    const ns = read(value);
    if (ns !== null) return { ok: true, value: ns };
    return {
      ok: false,
      failure: failure(
        'TIME',
        rule.path,
        `no time in the form ${form}, or after the year 2500; correct the mapping's time`,
      ),
    };
  };
}

function fieldOf<T>(
  path: string | undefined,
  read: (value: unknown, field: string) => Got<T | null>,
): (place: Place) => Got<T | null> {
  if (path === undefined) return () => nothing;
  const told = get(path);
  return (place) => read(told(place), path);
}

function compileCondition({ path, equals, exists }: Condition): Test {
  const told = get(path);
  if (exists !== undefined) return (place) => (told(place) !== undefined) === exists;
  const accepted = new Set<unknown>(Array.isArray(equals) ? equals : [equals]);
  return (place) => accepted.has(told(place));
}

function anyOf(conditions: readonly Condition[]): Test {
  const tests = conditions.map(compileCondition);
  return tests.length === 0 ? () => false : (place) => tests.some((test) => test(place));
}
