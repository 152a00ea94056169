/** Zone limits A/B, B/C, C/D: velocity in 10–1000 Hz on bearing housings, mm/s RMS. */
export type ZoneLimits = readonly [number, number, number];

/** One row of a part's table; what a row leaves open holds for any value. */
export interface SeverityRow {
  readonly name: string;
  /** ISO 20816-3 counts its machines in two groups; other parts do not. */
  readonly group?: 1 | 2;
  readonly mounting?: 'rigid' | 'flexible';
  /** Above this power, or at this shaft height or more. */
  readonly abovePowerKw?: number;
  readonly fromHeightMm?: number;
  readonly fromRpm?: number;
  readonly limitsMmS: ZoneLimits;
}

/** A part of the standard with the machines that it is for. */
export interface SeverityPart {
  readonly part: string;
  readonly source: string;
  /** Words of the CMDB's `machineClass` that choose the part. */
  readonly classes: readonly string[];
  readonly scope: { readonly abovePowerKw: number; readonly minRpm: number; readonly maxRpm: number };
  /** Slower machines are judged by displacement, in tables of their own. The strictest row is last; the first that fits is taken. */
  readonly rows: readonly SeverityRow[];
}

/**
 * The parts whose limits are held here, as data. A further part is one more entry. Parts that judge another band or
 * another place of measurement (ISO 20816-8 reciprocating compressors from 2 Hz, ISO 20816-9 gear units, ISO 20816-5
 * hydraulic sets, ISO 20816-21 wind turbines) are left out: the velocity measured here is not theirs.
 */
export const SEVERITY_PARTS: readonly SeverityPart[] = [
  {
    part: 'ISO 20816-3:2022',
    source: 'tables A.1 and A.2',
    classes: [
      'motor',
      'electric motor',
      'generator',
      'fan',
      'blower',
      'compressor',
      'turbo compressor',
      'steam turbine',
    ],
    scope: { abovePowerKw: 15, minRpm: 120, maxRpm: 30_000 },
    rows: [
      row('group 1, flexible', [3.5, 7.1, 11.0], {
        group: 1,
        mounting: 'flexible',
        abovePowerKw: 300,
        fromHeightMm: 315,
      }),
      row('group 1, rigid', [2.3, 4.5, 7.1], { group: 1, mounting: 'rigid', abovePowerKw: 300, fromHeightMm: 315 }),
      row('group 2, flexible', [2.3, 4.5, 7.1], { group: 2, mounting: 'flexible' }),
      row('group 2, rigid', [1.4, 2.8, 4.5], { group: 2, mounting: 'rigid' }),
    ],
  },
  {
    part: 'ISO 10816-7:2009',
    source: 'table A.1, category II',
    classes: ['pump', 'rotodynamic pump', 'centrifugal pump'],
    scope: { abovePowerKw: 1, minRpm: 600, maxRpm: 12_000 },
    rows: [
      row('category II, above 200 kW', [4.2, 6.1, 9.5], { abovePowerKw: 200 }),
      row('category II, up to 200 kW', [3.2, 5.1, 8.5], {}),
    ],
  },
  {
    part: 'ISO 10816-7:2009',
    source: 'table A.1, category I: high demands on reliability or safety',
    classes: ['critical pump', 'pump category i'],
    scope: { abovePowerKw: 1, minRpm: 600, maxRpm: 12_000 },
    rows: [
      row('category I, above 200 kW', [3.5, 5.0, 7.6], { abovePowerKw: 200 }),
      row('category I, up to 200 kW', [2.5, 4.0, 6.6], {}),
    ],
  },
  {
    part: 'ISO 20816-2:2017',
    source: 'annex A, steam turbines and generators above 40 MW',
    classes: ['large steam turbine', 'large generator'],
    scope: { abovePowerKw: 40_000, minRpm: 1400, maxRpm: 3700 },
    rows: [
      row('3000 and 3600 rpm', [3.8, 7.5, 11.8], { fromRpm: 2900 }),
      row('1500 and 1800 rpm', [2.8, 5.3, 8.5], {}),
    ],
  },
];

function row(name: string, limitsMmS: ZoneLimits, of: Omit<SeverityRow, 'name' | 'limitsMmS'>): SeverityRow {
  return { name, limitsMmS, ...of };
}
