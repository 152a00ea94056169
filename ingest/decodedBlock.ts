import type { PlacedTime } from './arrivalTime.ts';
import type { Waveform } from './decode/index.ts';
import { identityOf, repeatable } from './identity.ts';
import type { WaveformBlock } from './store/readings.ts';
import type { Message } from './units.ts';

/** A block with its place in time. Not every store asks for its identity, which is dear: it is made when it is asked for. */
export class DecodedBlock implements WaveformBlock {
  readonly tenantId: string;
  readonly device: string;
  readonly point: string;
  readonly timeNs: bigint;
  readonly arrivalNs: bigint;
  readonly deviceTimeNs: bigint | null;
  readonly sentAtNs: bigint | null;
  readonly receipt: string;
  readonly index = 0;
  readonly boot: string | null;
  readonly seq: bigint | null;
  readonly windowed: boolean;
  readonly future: boolean;
  readonly corrected: boolean;
  readonly arrivalTimed: boolean;
  readonly samplingRateHz: number;
  readonly unit: WaveformBlock['unit'];
  readonly axis: string | null;
  readonly speedRpm: number | null;
  readonly loadPercent: number | null;
  readonly scale: number;
  readonly encoding: WaveformBlock['encoding'];
  readonly sampleCount: number;
  readonly raw: Uint8Array;
  #identity: string | null = null;

  constructor(message: Message, waveform: Waveform, placed: Extract<PlacedTime, { ok: true }>) {
    this.tenantId = message.tenantId;
    this.device = message.deviceName;
    this.point = waveform.point;
    this.timeNs = placed.timeNs;
    this.arrivalNs = message.arrivalNs;
    this.deviceTimeNs = waveform.timeNs;
    this.sentAtNs = waveform.sentAtNs;
    this.receipt = message.receipt;
    this.boot = waveform.boot;
    this.seq = waveform.seq;
    this.windowed = placed.deliveryDependent && repeatable(waveform);
    this.future = placed.future;
    this.corrected = placed.corrected;
    this.arrivalTimed = placed.arrivalTimed;
    this.samplingRateHz = waveform.samplingRateHz;
    this.unit = waveform.unit;
    this.axis = waveform.axis;
    this.speedRpm = waveform.speedRpm;
    this.loadPercent = waveform.loadPercent;
    this.scale = waveform.scale;
    this.encoding = waveform.encoding;
    this.sampleCount = waveform.count;
    this.raw = waveform.raw;
  }

  get identity(): string {
    const { tenantId, device, point, boot, seq, index, deviceTimeNs: timeNs, receipt } = this;
    // What tells two blocks of the same instant apart.
    const content = `${this.samplingRateHz}x${this.sampleCount}`;
    this.#identity ??= identityOf({
      kind: 'waveform',
      tenantId,
      device,
      point,
      boot,
      seq,
      index,
      timeNs,
      content,
      receipt,
    });
    return this.#identity;
  }
}
