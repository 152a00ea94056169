import { type Resolved, seal } from '../decode/sparkplug/envelope.ts';
import { tryPayload } from '../decode/sparkplug/format.ts';
import type { SparkplugPayload } from '../decode/sparkplug/model.ts';
import { isProtocolMetric } from '../decode/sparkplug/pointName.ts';
import { isBirth, type SparkplugType } from '../decode/sparkplug/types.ts';
import { type Birth, birthOf, definitionsOf } from './birth.ts';

/** What is known of the publisher when a message comes, or is looked at again. */
export interface Known {
  type: SparkplugType;
  /** The birth of the node, or of the device that the message is about; null: none since it last died. */
  birth: Birth | null;
  /** Why the device may not be published for; null when it may. */
  unknownDevice: string | null;
}

/** A message made self-contained, and the birth that it is or whether one is needed. */
export interface ResolvedMessage {
  record: Buffer;
  resolved: Resolved;
  birth: Birth | null;
  needsBirth: boolean;
}

/** Seals a message with what its birth says, or with the reason why that is not known. Pure. */
export function resolveMessage(known: Known, bytes: Buffer, payload: SparkplugPayload | null): ResolvedMessage {
  const { type } = known;
  const sealed = (definitions: Resolved['definitions'], held: Resolved['held'], birth: Birth | null = null) => {
    const resolved: Resolved = { ...historyOf(payload), type, definitions, held };
    return { record: seal(resolved, bytes), resolved, birth, needsBirth: held?.code === 'SPARKPLUG_BIRTH' };
  };
  if (known.unknownDevice !== null) return sealed([], { code: 'SPARKPLUG_DEVICE', reason: known.unknownDevice });
  if (payload === null) return sealed([], null); // the decoder says what is wrong with its bytes
  const birth = isBirth(type) ? birthOf(payload) : known.birth;
  if (birth === null) return sealed([], { code: 'SPARKPLUG_BIRTH', reason: noBirth(type) });
  const definitions = definitionsOf(birth, payload.metrics);
  if ('alias' in definitions) {
    const reason = `alias ${definitions.alias} is not in the birth certificate; a new one was asked for: replay when it is there`;
    return sealed([], { code: 'SPARKPLUG_BIRTH', reason });
  }
  return sealed(definitions, null, isBirth(type) ? birth : null);
}

/** A buffer that an edge node sends after an outage; with one metric of now it is live. */
function historyOf(payload: SparkplugPayload | null): { time?: number } {
  const readings = payload?.metrics.filter(({ isNull, name }) => !isNull && !(name && isProtocolMetric(name))) ?? [];
  if (readings.length === 0 || !readings.every(({ isHistorical }) => isHistorical)) return {};
  const newest = readings.reduce(
    (latest, { timestampMs }) => ((timestampMs ?? 0n) > latest ? timestampMs! : latest),
    0n,
  );
  return newest === 0n ? {} : { time: Number(newest) };
}

function noBirth(type: SparkplugType): string {
  const whose = type === 'DDATA' ? 'device' : 'edge node';
  return `the ${whose} has sent no birth certificate; one was asked for: replay the message when it is there`;
}

/** The message's content; null when its bytes are none. */
export function contentOf(bytes: Buffer): SparkplugPayload | null {
  const payload = tryPayload(bytes);
  return 'reason' in payload ? null : payload;
}
