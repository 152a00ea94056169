import { bufferOf } from './entries.ts';
import type { TelemetryFormat } from './format.ts';
import { holdsOne } from './holdsOne.ts';
import { parseJson } from './json.ts';
import { plainSamples } from './plainSamples.ts';
import { countEntries, samplesOf } from './shapes.ts';
import type { TelemetryDecoding } from './types.ts';

/** Ledger units of a JSON telemetry message: its entries, or 1 when it cannot be decoded. */
export function countTelemetryUnits(payload: Buffer, start = 0, end = payload.length): number {
  if (holdsOne(payload, start, end)) return 1;
  const json = parseJson(payload, start, end, 'payload');
  return json.ok ? countEntries(json.value) : 1;
}

/** Decodes a JSON telemetry message in one of our own shapes. */
export function decodeTelemetry(payload: Uint8Array): TelemetryDecoding {
  const samples = plainSamples(payload, 0, payload.length);
  if (samples !== null) return { ok: true, samples, rejected: [] };
  return decodeByParsing(payload);
}

/** The same by the general parser: for what is not written plainly. */
export function decodeByParsing(payload: Uint8Array): TelemetryDecoding {
  const buffer = bufferOf(payload);
  const json = parseJson(buffer, 0, buffer.length, 'payload');
  return json.ok ? samplesOf(json.value) : json;
}

/** Our own JSON. */
export const jsonFormat: TelemetryFormat = {
  name: 'json',
  aliases: [],
  kind: 'telemetry',
  decode: decodeTelemetry,
  count: countTelemetryUnits,
};
