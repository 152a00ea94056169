import type { BearingFault } from './faults.ts';

/** Times over the noise floor: a comb's geometric mean over three harmonics. */
type Times = number;
/** Whether averages of blocks were asked, or one spectrum of blocks that follow one another. */
type Heard = { readonly run: boolean };

/** What each finding knows; numbers as measured, rounding is left to the words. */
interface FindingParams {
  // Nothing to go by
  'no-block': object;
  'no-usable-block': object;
  'blocks-too-short': object;
  'geometry-unknown': object;
  'speed-unknown': object;

  // Combs of a bearing
  'comb-weak': Heard & { readonly times: Times; readonly needed: Times };
  'comb-without-lead': Heard & {
    readonly times: Times;
    readonly rival: BearingFault;
    readonly rivalTimes: Times;
    readonly lead: number;
  };
  'comb-of-one-line': Heard & { readonly times: Times; readonly second: Times; readonly needed: Times };
  'comb-by-chance': Heard & { readonly times: Times; readonly chance: Times; readonly lead: number };
  'comb-outshone': { readonly times: Times; readonly best: BearingFault; readonly bestTimes: Times };
  'comb-in-run': { readonly times: Times };
  'comb-elsewhere': { readonly what: Finding };
  'fits-other-order': { readonly order: number };
  'shaft-sideband': { readonly order: number };
  'hidden-sideband': { readonly order: number };
  'multiple-of-order': { readonly order: number };
  'comb-stands': {
    readonly fault: BearingFault;
    readonly times: Times;
    readonly needed: Times;
    readonly next: Times;
    readonly supported: boolean;
  };
  'comb-stands-in-run': {
    readonly fault: BearingFault;
    readonly times: Times;
    readonly needed: Times;
    readonly next: Times;
    readonly seconds: number;
  };
  'none-stands-out': Heard & { readonly fault: BearingFault; readonly why: Finding };
  'signs-not-enough': { readonly fault: BearingFault; readonly why: Finding };
  'lines-elsewhere': { readonly fault: BearingFault; readonly what: Finding };
  'speed-estimated': { readonly rpm: number };

  // What repeats with the cage
  'cage-blows': object;
  'cage-one-element': object;
  'cage-row-short': object;

  // Lines of the shaft
  'too-few-blocks': object;
  'gear-not-entered': object;
  'gear-out-of-reach': object;
  'gear-growth': { readonly grown: number; readonly times: number };
  'gear-sidebands': { readonly share: number; readonly standing: number };
  'gear-not-enough': { readonly what: Finding; readonly share: number | null };
  'multiples-stand': { readonly whole: number; readonly halves: number };
  'multiples-not-enough': { readonly whole: number; readonly halves: number };
  'mains-no-frequency': object;
  'mains-level': { readonly hz: number; readonly mmS: number; readonly growth: number | null };
  'mains-not-told': { readonly what: Finding; readonly multiple: number };
  'mains-is-shaft': { readonly hz: number; readonly multiple: number };
  'mains-named': { readonly what: Finding; readonly look: 'longer blocks' | 'rotor' | 'stator' };
  'second-level': { readonly second: number; readonly first: number; readonly growth: number | null };
  'second-may-be-mains': { readonly what: Finding; readonly hz: number };
  'first-leads': { readonly what: Finding };
  'first-level': { readonly first: number; readonly all: number; readonly growth: number | null };
  'second-is-more-than-half': { readonly what: Finding };
  'of-all': { readonly what: Finding; readonly all: number };
  'not-grown': { readonly what: Finding; readonly needed: number };
  'not-severe': { readonly what: Finding; readonly zone: string | null };
  'named-grown': { readonly what: Finding };
  'named-severe': { readonly what: Finding; readonly zone: string | null };
  'cannot-tell': { readonly what: Finding };
  'no-line-severe': object;
  'no-line-grown': object;
  'also-present': { readonly what: readonly Finding[] };

  // Noise at high frequencies
  'floor-not-reached': object;
  'floor-without-baseline': object;
  'floor-low': { readonly times: number; readonly needed: number };
  'floor-of-bearing': { readonly times: number };
  'floor-with-blows': { readonly times: number; readonly kurtosis: number };
  'floor-at-once': { readonly times: number };
  'thin-film': { readonly times: number };

  // Severity
  'severity-too-small': { readonly part: string; readonly aboveKw: number; readonly powerKw: number };
  'severity-speed': {
    readonly part: string;
    readonly fromRpm: number;
    readonly toRpm: number | null;
    readonly rpm: number;
  };
  'severity-excluded': { readonly part: string; readonly why: SeverityExclusion };
  'severity-assumed': {
    readonly part: string;
    readonly table: string;
    readonly missing: readonly SeverityGap[];
    readonly machineClass: string | null;
  };
}

/** Machines that a part leaves to another standard. */
export type SeverityExclusion = 'small-fan-on-springs' | 'large-set';
/** What the nameplate does not say. */
export type SeverityGap = 'class' | 'kind-of-compressor' | 'mounting' | 'size';

export type FindingCode = keyof FindingParams;
export type ParamsOf<C extends FindingCode> = FindingParams[C];

/**
 * What a test found, as data: a code and the numbers that belong to it. Diagnosis never words anything; both languages are
 * made of this in `evidence/findings/`.
 */
export type Finding = { [C in FindingCode]: { readonly code: C; readonly params: FindingParams[C] } }[FindingCode];

/** A finding with its numbers; the compiler checks that they belong together. */
export function finding<C extends FindingCode>(
  code: C,
  ...[params]: object extends FindingParams[C] ? [] : [params: FindingParams[C]]
): Finding {
  return { code, params: params ?? {} } as Finding;
}
