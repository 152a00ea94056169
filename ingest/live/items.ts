import { deserialize, serialize } from 'node:v8';
import { pointKeyOf, type Reading } from '../store/readings.ts';

/** A reading on its way to those who watch. */
export interface LiveReading {
  /** `device/point`. */
  series: string;
  timeNs: bigint;
  value: number;
  unit: string | null;
  arrivalNs: bigint;
  future: boolean;
}

/** The readings of one series within a batch, in the order in which they were stored. */
export interface LiveSeries {
  device: string;
  series: string;
  readings: LiveReading[];
}

interface PackedSeries {
  device: string;
  series: string;
  times: BigInt64Array;
  arrivals: BigInt64Array;
  values: Float64Array;
  units: (string | null)[];
  future: boolean[];
}

/** One tenant's readings as a batch lies in the table: by series, in columns. */
export function packLive(readings: readonly Reading[]): Buffer {
  const groups = Map.groupBy(readings, pointKeyOf);
  const packed = [...groups].map(
    ([series, group]): PackedSeries => ({
      device: group[0]!.device,
      series,
      times: BigInt64Array.from(group, (r) => r.timeNs),
      arrivals: BigInt64Array.from(group, (r) => r.arrivalNs),
      values: Float64Array.from(group, (r) => r.value),
      units: group.map((r) => r.unit),
      future: group.map((r) => r.future),
    }),
  );
  return serialize(packed);
}

/** Reads a batch back. */
export function unpackLive(body: Uint8Array): LiveSeries[] {
  return (deserialize(body) as PackedSeries[]).map(({ device, series, times, arrivals, values, units, future }) => ({
    device,
    series,
    readings: Array.from(values, (value, i) => ({
      series,
      timeNs: times[i]!,
      value,
      unit: units[i]!,
      arrivalNs: arrivals[i]!,
      future: future[i]!,
    })),
  }));
}
