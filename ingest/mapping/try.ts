import type { DecodeContext, RejectedEntry, Sample } from '../decode/index.ts';
import { compileMapping } from './compile.ts';
import type { MappingDefinition } from './definition.ts';
import { matchTopic } from './topicRule.ts';

/** What a mapping makes of a sample: a reading or a reason for each unit. */
export interface Trial {
  /** Why the message as a whole would be quarantined; null when it would not. */
  failure: { code: string; field: string; reason: string } | null;
  units: {
    index: number;
    /** Where in the sample its value stands. */
    place: string;
    sample: Sample | null;
    failure: { code: string; field: string; reason: string; entry: string } | null;
  }[];
  /** Whether a rule of the mapping takes the topic; null when none was given. */
  topicMatches: boolean | null;
}

/** Reads a sample as a device's message would be read; keeps nothing. */
export function tryMapping(definition: MappingDefinition, payload: Buffer, context: DecodeContext): Trial {
  const mapping = compileMapping('trial', definition);
  const { decoding, places } = mapping.trace(payload, context);
  const topic = context.vendorTopic;
  const topicMatches = topic === null ? null : mapping.topics.some((rule) => matchTopic(rule, topic) !== null);
  if (!decoding.ok) return { failure: decoding.failure, units: [], topicMatches };
  const units = [...decoding.samples.map(good), ...decoding.rejected.map(bad)].sort((a, b) => a.index - b.index);
  return { failure: null, units: units.map((unit) => ({ ...unit, place: places[unit.index] ?? '' })), topicMatches };
}

const good = (sample: Sample) => ({ index: sample.index, sample, failure: null });
const bad = ({ index, ...failure }: RejectedEntry) => ({ index, sample: null, failure });
