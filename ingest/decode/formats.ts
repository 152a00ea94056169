import { cborFormat } from './cbor.ts';
import { csvFormat } from './csv.ts';
import type { PayloadFormat } from './format.ts';
import { lineFormat } from './line.ts';
import { senmlCborFormat, senmlJsonFormat } from './senml.ts';
import { sparkplugFormat } from './sparkplug/format.ts';
import { jsonFormat } from './telemetry.ts';
import { flw1Format } from './waveform.ts';

/** Every format built in. A device type's own mapping is a further one, `mapped:<version id>`. */
export const FORMATS: readonly PayloadFormat[] = [
  jsonFormat,
  cborFormat,
  senmlJsonFormat,
  senmlCborFormat,
  lineFormat,
  csvFormat,
  flw1Format,
  sparkplugFormat,
];

/** What a topic without a format and a device without a type of its own means. */
export const DEFAULT_FORMATS = { telemetry: jsonFormat, waveform: flw1Format } as const;

const BY_NAME = new Map(FORMATS.map((format) => [format.name, format]));
const BY_TOPIC_LEVEL = new Map(
  FORMATS.flatMap((format) => [format.name, ...format.aliases].map((level) => [`${format.kind}/${level}`, format])),
);

/** The format that a record names; null when this version of the software has none of that name. */
export function formatByName(name: string): PayloadFormat | null {
  return BY_NAME.get(name) ?? null;
}

/** The format that the last level of a topic names. */
export function formatByTopicLevel(kind: PayloadFormat['kind'], level: string): PayloadFormat | null {
  return BY_TOPIC_LEVEL.get(`${kind}/${level}`) ?? null;
}
