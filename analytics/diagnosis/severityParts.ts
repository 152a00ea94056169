import type { SeverityExclusion } from './finding.ts';

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
  readonly limitsMmS: ZoneLimits;
}

/** Machines of a part's classes that it leaves to another standard; all that is named must be known and met. */
export interface Exclusion {
  readonly why: SeverityExclusion;
  readonly classes: readonly string[];
  readonly uptoPowerKw?: number;
  readonly abovePowerKw?: number;
  readonly mounting?: 'rigid' | 'flexible';
  /** Rated speeds, give or take slip. */
  readonly atRpm?: readonly number[];
}

/** A part of the standard with the machines that it is for. */
export interface SeverityPart {
  readonly part: string;
  readonly source: string;
  /** Public texts in which scope and limits were found again, word for word or as numbers. */
  readonly confirmedBy: readonly string[];
  /** Words of the CMDB's `machineClass` that choose the part. */
  readonly classes: readonly string[];
  /** Those of them that may also name a machine which the part is not for: then its limits are an assumption. */
  readonly looseClasses: readonly string[];
  /**
   * Power above which, and speeds at which, the velocity in 10–1000 Hz is what the part judges. Below 600 rpm the band of
   * the standards begins at 2 Hz and displacement is judged besides: neither is measured here.
   */
  readonly scope: { readonly abovePowerKw: number; readonly minRpm: number; readonly maxRpm: number | null };
  readonly excludes: readonly Exclusion[];
  /** The strictest row is last; the first that fits is taken. */
  readonly rows: readonly SeverityRow[];
}

const PUMPS = {
  part: 'ISO 10816-7:2009',
  confirmedBy: [
    'Europump, Guidelines on Pump Vibration (2013), which quotes the table; the same values as GB/T 6075.7-2015',
  ],
  scope: { abovePowerKw: 1, minRpm: 600, maxRpm: null },
  looseClasses: [],
  excludes: [],
} as const;

/**
 * The parts whose limits are held here, as data. A further part is one more entry, once its limits are found in a text that
 * can be shown. Left out for that reason: ISO 20816-2 (turbines above 40 MW; public quotations contradict one another).
 * Left out because they judge another band or another place: ISO 20816-8 reciprocating compressors from 2 Hz, ISO 20816-9
 * gear units, ISO 20816-5 hydraulic sets, ISO 20816-21 wind turbines.
 */
export const SEVERITY_PARTS: readonly SeverityPart[] = [
  {
    part: 'ISO 20816-3:2022',
    source: 'tables A.1 and A.2',
    confirmedBy: [
      'scope: https://www.iso.org/standard/78311.html',
      'limits of group 1, rigid, as in ISO 10816-3: https://infosys.beckhoff.com/content/1033/tf3600_tc3_condition_monitoring/7876603787.html',
      'band below 600 rpm: https://www.spminstrument.cz/iso10816/',
    ],
    classes: [
      'motor',
      'electric motor',
      'generator',
      'fan',
      'turbofan',
      'blower',
      'conveyor',
      'roll',
      'compressor',
      'rotary compressor',
      'turbo compressor',
      'steam turbine',
    ],
    looseClasses: ['compressor'],
    scope: { abovePowerKw: 15, minRpm: 600, maxRpm: 30_000 },
    excludes: [
      { why: 'small-fan-on-springs', classes: ['fan', 'blower'], uptoPowerKw: 300, mounting: 'flexible' },
      {
        why: 'large-set',
        classes: ['steam turbine', 'generator'],
        abovePowerKw: 40_000,
        atRpm: [1500, 1800, 3000, 3600],
      },
    ],
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
    ...PUMPS,
    source: 'table A.1, category II',
    classes: ['pump', 'rotodynamic pump', 'centrifugal pump'],
    rows: [
      row('category II, above 200 kW', [4.2, 6.1, 9.5], { abovePowerKw: 200 }),
      row('category II, up to 200 kW', [3.2, 5.1, 8.5], {}),
    ],
  },
  {
    ...PUMPS,
    source: 'table A.1, category I: high demands on reliability or safety',
    classes: ['critical pump', 'pump category i'],
    rows: [
      row('category I, above 200 kW', [3.5, 5.0, 7.6], { abovePowerKw: 200 }),
      row('category I, up to 200 kW', [2.5, 4.0, 6.6], {}),
    ],
  },
];

function row(name: string, limitsMmS: ZoneLimits, of: Omit<SeverityRow, 'name' | 'limitsMmS'>): SeverityRow {
  return { name, limitsMmS, ...of };
}
