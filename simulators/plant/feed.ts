import { type Clock, newId, systemClock } from '../../platform/pure.ts';
import {
  type Condition,
  type Defect,
  dischargePressureBar,
  housingTemperatureC,
  motorCurrentA,
  Random,
  recordWaveform,
  type SensorDefect,
  throughSensor,
} from '../machines/index.ts';
import { encodeWaveformBlock, Qos1Publisher } from '../mqtt/index.ts';
import type { PlantMachine } from './plant.ts';

/** How a device signs in, as its registration told. */
export interface DeviceAccess {
  username: string;
  password: string;
  /** `fl/1/{tenant}/{device}` */
  topicPrefix: string;
}

export const WAVEFORM_HZ = 12_800;
export const WAVEFORM_SAMPLES = 16_384;
const DISCHARGE_BAR = 5.5;
/** Slow readings of each point between two visits, evenly spaced, the last with the waveforms. */
const READINGS_PER_VISIT = 6;
const USUAL_LOAD_PERCENT = 78;
const HOUR_NS = 3_600_000_000_000;

/** What a feed has sent so far, all of it acknowledged. */
export interface FeedCounts {
  waveforms: number;
  samples: number;
}

/** One visit to a machine. */
export interface Visit {
  /** Number of the visit; names the random stream of its waveforms. */
  take: number;
  /** In the plant's time, which need not be ours. */
  timeNs: bigint;
  /** Since the visit before. */
  elapsedHours: number;
  defects: readonly Defect[];
  /** Share of rated speed; 0 is a machine that stands. */
  speedShare?: number;
  loadPercent?: number;
  /** What is wrong with which point's sensor. */
  sensors?: Readonly<Record<string, SensorDefect>>;
}

/** Publishes what the plant's vibration nodes would: each node has its own credentials and its own connection. */
export class PlantFeed {
  readonly counts: FeedCounts = { waveforms: 0, samples: 0 };
  readonly #boot = newId();
  readonly #nodes = new Map<
    string,
    { publisher: Qos1Publisher; access: DeviceAccess; seq: number; temperatureC: number; held: Map<string, number> }
  >();
  readonly #random: Random;
  readonly #clock: Clock;

  constructor(mqttUrl: string, access: ReadonlyMap<string, DeviceAccess>, seed: string, clock: Clock = systemClock()) {
    this.#clock = clock;
    this.#random = new Random(seed, 'feed');
    for (const [device, credentials] of access) {
      const { username, password } = credentials;
      const publisher = new Qos1Publisher({ url: mqttUrl, clientId: username, username, password, window: 16, clock });
      this.#nodes.set(device, { publisher, access: credentials, seq: 0, temperatureC: 53, held: new Map() });
    }
  }

  async connect(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map(({ publisher }) => publisher.connect()));
  }

  /**
   * Measures one machine: its slow readings in one message, then a waveform of each accelerometer.
   *
   * @param sent told the moment at which each waveform is handed to the network
   */
  async visit(
    machine: PlantMachine,
    { take, timeNs, elapsedHours, defects, speedShare = 1, loadPercent = USUAL_LOAD_PERCENT, sensors = {} }: Visit,
    sent: (atMs: number) => void = () => undefined,
  ): Promise<void> {
    const node = this.#nodes.get(machine.device);
    if (!node) throw new Error(`${machine.device} has no credentials`);
    const random = this.#random;
    const condition: Condition = {
      speedRpm: machine.row.ratedRpm * speedShare * (1 + 0.002 * random.normal()),
      loadPercent: speedShare === 0 ? 0 : loadPercent + 2.5 * random.normal(),
      defects,
    };
    const samples = [];
    for (let left = READINGS_PER_VISIT - 1; left >= 0; left--) {
      const stepHours = elapsedHours / READINGS_PER_VISIT;
      const readAtNs = timeNs - BigInt(Math.round(left * stepHours * HOUR_NS));
      node.temperatureC = housingTemperatureC(condition, node.temperatureC, stepHours, random);
      const readings: Record<string, number> = {
        temperature: node.temperatureC,
        current: motorCurrentA(machine.design, condition, random),
        pressure: dischargePressureBar(DISCHARGE_BAR, machine.design, condition, random),
      };
      for (const { point, unit } of machine.points) {
        if (!(point in readings)) continue;
        const held = sensors[point] === 'stuck' ? node.held.get(point) : undefined;
        const value = held ?? Number(readings[point]!.toFixed(3));
        node.held.set(point, value);
        samples.push({ point, unit, value, time: readAtNs.toString() });
      }
    }
    const time = timeNs.toString();
    const telemetry = { boot: this.#boot, seq: node.seq++, time, simulatedNow: time, samples };
    const sending = [
      node.publisher.publish(`${node.access.topicPrefix}/telemetry`, Buffer.from(JSON.stringify(telemetry))),
    ];
    for (const { point, sensor } of machine.points) {
      if (!sensor) continue;
      const acquisition = { samplingRateHz: WAVEFORM_HZ, sampleCount: WAVEFORM_SAMPLES, take };
      const recorded = recordWaveform(machine.design, sensor, condition, acquisition);
      const { speedRpm } = recorded;
      const defect = sensors[point];
      const acceleration = defect ? throughSensor(recorded.samples, defect, random) : recorded.samples;
      const block = encodeWaveformBlock({
        point,
        samplingRateHz: WAVEFORM_HZ,
        unit: 'g',
        axis: sensor.axis,
        speedRpm: Number(speedRpm.toFixed(2)),
        loadPercent: Number(condition.loadPercent.toFixed(1)),
        encoding: 'int16',
        timeNs,
        simulatedNowNs: timeNs,
        boot: this.#boot,
        seq: node.seq++,
        samples: acceleration,
      });
      sent(this.#clock.nowMs());
      sending.push(node.publisher.publish(`${node.access.topicPrefix}/waveform`, block));
    }
    await Promise.all(sending);
    this.counts.waveforms += sending.length - 1;
    this.counts.samples += samples.length;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map(({ publisher }) => publisher.close()));
  }
}
