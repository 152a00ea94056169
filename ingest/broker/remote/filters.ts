import { stateTopic } from '../../sparkplug/index.ts';

/** The group that all ingest processes of one installation are members of: each message goes to one of them. */
const GROUP = 'faultline';
const DATA_FILTERS = ['fl/1/+/+/telemetry/#', 'fl/1/+/+/answer', 'fl/1/+/+/reported'];
/** Never shared: the parts of a large block belong together, so one process hears all of them. */
const WAVEFORM_FILTERS = ['fl/1/+/+/waveform/#'];
/** Never shared: what an edge node says has a meaning only after its birth, so one process hears all of it. */
const SPARKPLUG_FILTERS = [
  ...['NBIRTH', 'NDATA', 'NDEATH'].map((type) => `spBv1.0/+/${type}/+`),
  ...['DBIRTH', 'DDATA', 'DDEATH'].map((type) => `spBv1.0/+/${type}/+/+`),
];
/** What sessions of earlier versions may still be subscribed to. */
const FORMER_FILTERS = WAVEFORM_FILTERS.map(shared);

/** Subscription identifiers (MQTT 5 §3.8.2.1.2): a copy of one of our topics that only a vendor's filter matched is one too many. */
export const OURS = 1;
export const VENDORS = 2;

/** One subscription that is wanted. */
export interface Wanted {
  filter: string;
  identifier: typeof OURS | typeof VENDORS;
}

/** What decides on what a process subscribes to. */
export interface FilterChoice {
  /** Whether ingest processes share what any of them can take. */
  isShared: boolean;
  takesWaveforms: boolean;
  /** The Sparkplug host's id, when this process is it; else null. */
  hostId: string | null;
  /** Where we hear of our own backlog. */
  probe: string;
  /** Vendors' topics. */
  vendors: readonly string[];
}

export function wantedFilters(choice: FilterChoice): Wanted[] {
  const grouped = choice.isShared ? shared : (filter: string) => filter;
  return [
    ...DATA_FILTERS.map(grouped),
    ...(choice.takesWaveforms ? WAVEFORM_FILTERS : []),
    ...(choice.hostId === null ? [] : [...SPARKPLUG_FILTERS, stateTopic(choice.hostId)]),
    choice.probe,
  ]
    .map((filter): Wanted => ({ filter, identifier: OURS }))
    .concat(choice.vendors.map((filter): Wanted => ({ filter: grouped(filter), identifier: VENDORS })));
}

/** Whatever other settings, or an earlier mapping, may have made this session subscribe to. */
export function everWanted(hostId: string, vendorsEver: readonly string[]): string[] {
  const plain = [...DATA_FILTERS, ...vendorsEver];
  const sole = [...WAVEFORM_FILTERS, ...SPARKPLUG_FILTERS, stateTopic(hostId)];
  return [...new Set([...plain, ...plain.map(shared), ...sole, ...FORMER_FILTERS])];
}

function shared(filter: string): string {
  return `$share/${GROUP}/${filter}`;
}
