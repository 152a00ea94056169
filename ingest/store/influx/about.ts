import { identityOf } from '../../identity.ts';
import type { Reading } from '../readings.ts';
import type { Series, StoredReading } from '../telemetryStore.ts';
import type { LineBuffer } from './lineBuffer.ts';

/**
 * Everything about a stored reading but its value, unit and time, in one text field: a field of its own for each would
 * cost InfluxDB as much again per field. Six parts, separated by blanks:
 *
 *     receipt · arrival − time in ns · marks · device time · arrival − sent in ns · identity
 *
 * The device time is empty when it is the reading's time and `n` when there was none; `sent` is empty without `sentAt`.
 * The identity is `i` and 22 characters, or, where it follows from boot and sequence, `s<seq>.<boot>`: these compress.
 */
export function writeAbout(lines: LineBuffer, reading: Reading): void {
  const { timeNs, arrivalNs, deviceTimeNs, sentAtNs, boot, seq } = reading;
  if (reading.spool) {
    lines.text(reading.spool, SPOOL_ID_PREFIX);
    lines.byte(COLON);
    lines.number(reading.offset!);
  } else lines.text(reading.receipt, SPOOL_ID_PREFIX);
  lines.byte(POINT);
  lines.number(reading.index);
  lines.byte(BLANK);
  lines.bigint(arrivalNs - timeNs);
  lines.byte(BLANK);
  lines.number((reading.future ? 1 : 0) | (reading.corrected ? 2 : 0) | (reading.arrivalTimed ? 4 : 0));
  lines.byte(BLANK);
  if (deviceTimeNs === null) lines.text('n');
  else if (deviceTimeNs !== timeNs) lines.bigint(deviceTimeNs);
  lines.byte(BLANK);
  if (sentAtNs !== null) lines.bigint(arrivalNs - sentAtNs);
  lines.byte(BLANK);
  if (boot !== null && seq !== null) {
    lines.text('s');
    lines.bigint(seq);
    lines.byte(POINT);
    lines.repeatedText(boot);
  } else lines.text(`i${Buffer.from(reading.identity.replaceAll('-', ''), 'hex').toString('base64url')}`);
}

const BLANK = 0x20;
const POINT = 0x2e;
const COLON = 0x3a;

/** Of the spool's id, a UUIDv7, the last 48 random bits are enough to tell spools apart. */
const SPOOL_ID_PREFIX = 24;

/** Which delivery this is, as it is written beside the value. */
export function receiptOf(reading: { receipt: string; index: number }): string {
  return `${reading.receipt.slice(SPOOL_ID_PREFIX)}.${reading.index}`;
}

export type About = Omit<StoredReading, 'timeNs' | 'value' | 'unit'> & { receipt: string };

/** Reads what `writeAbout` wrote. */
export function readAbout(text: string, tenantId: string, series: Series, timeNs: bigint): About {
  const [receipt, arrival, marks, device, sent] = text.split(' ', 5) as [string, string, string, string, string];
  const identity = text.slice(receipt.length + arrival.length + marks.length + device.length + sent.length + 5);
  const arrivalNs = timeNs + BigInt(arrival);
  const bits = Number(marks);
  return {
    receipt,
    arrivalNs,
    deviceTimeNs: device === '' ? timeNs : device === 'n' ? null : BigInt(device),
    sentAtNs: sent === '' ? null : arrivalNs - BigInt(sent),
    future: (bits & 1) !== 0,
    corrected: (bits & 2) !== 0,
    arrivalTimed: (bits & 4) !== 0,
    identity: identity.startsWith('i') ? uuidOf(identity.slice(1)) : sequenced(identity, receipt, tenantId, series),
  };
}

function sequenced(recipe: string, receipt: string, tenantId: string, series: Series): string {
  const dot = recipe.indexOf('.');
  return identityOf({
    kind: 'telemetry',
    tenantId,
    device: series.device,
    point: series.point,
    boot: recipe.slice(dot + 1),
    seq: BigInt(recipe.slice(1, dot)),
    index: Number(receipt.slice(receipt.lastIndexOf('.') + 1)),
    timeNs: null,
    content: '',
    receipt: '',
  });
}

function uuidOf(text: string): string {
  const hex = Buffer.from(text, 'base64url').toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
