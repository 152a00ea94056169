import { type DetectorSettings, SCALAR_SETTINGS, WAVEFORM_SETTINGS } from '../detectors/settings.ts';
import { MAX_VOTES } from '../detectors/state.ts';
import type { Bilingual } from '../evidence/bilingual.ts';
import type { PointKind } from '../store/pointMemory.ts';
import { type FeatureKey, type NumberPath, numberAt } from './numberPath.ts';
import type { Scope } from './scope.ts';

/** The limits between severity zones; null until somebody sets one: then those of the standard hold. */
export const ZONE_SETTINGS = ['zone.ab', 'zone.bc', 'zone.cd'] as const;
export type ZoneSetting = (typeof ZONE_SETTINGS)[number];

/** Something that a person may reasonably tune. */
export interface Setting {
  /** `waveform.…` or `reading.…`: the two kinds of points have defaults of their own. */
  readonly name: string;
  readonly kind: PointKind;
  /** Where it stands in the detector's settings, or which zone limit it is. */
  readonly target: NumberPath | ZoneSetting;
  /** May be set for one feature and one regime, not only for a whole point. */
  readonly perFeature: boolean;
  readonly label: Bilingual;
  readonly meaning: Bilingual;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
  /** What holds where nobody has set anything; null for a zone limit, which the machine's group and mounting give. */
  readonly default: number | null;
  /** A higher value lets through less (`fewer`) or more alarms; null where it depends. */
  readonly higherMeans: 'fewer' | 'more' | null;
}

type Row = Pick<Setting, 'label' | 'meaning' | 'unit' | 'min' | 'max' | 'whole' | 'higherMeans'> & {
  readonly path: NumberPath;
  readonly kinds?: readonly PointKind[];
};

const count = { unit: '', whole: true } as const;
const window = { ...count, min: 1, max: MAX_VOTES } as const;

const FEATURE_ROWS: readonly (Row & { readonly path: FeatureKey })[] = [
  {
    path: 'deviationZ',
    label: { en: 'Deviation that speaks', zh: '触发偏差' },
    meaning: {
      en: 'How many robust standard deviations from its own past a feature must be to count as evidence.',
      zh: '特征偏离自身历史多少个稳健标准差后，才算作一条证据。',
    },
    unit: 'σ',
    min: 2,
    max: 50,
    whole: false,
    higherMeans: 'fewer',
  },
  {
    path: 'admitZ',
    label: { en: 'Deviation still learnt', zh: '可学习偏差' },
    meaning: {
      en: 'Values further out than this are kept out of the baseline, so that a fault is not learnt on its way up.',
      zh: '偏离超过此值的数据不进入基线，避免在故障发展过程中把故障学成常态。',
    },
    unit: 'σ',
    min: 1,
    max: 50,
    whole: false,
    higherMeans: null,
  },
];

const POINT_ROWS: readonly Row[] = [
  {
    ...count,
    path: 'baselineMinCount',
    label: { en: 'Values before judging', zh: '判断前所需数据量' },
    meaning: {
      en: 'How many values of a regime a baseline needs before it may judge.',
      zh: '某一工况的基线积累多少个数据后才开始判断。',
    },
    min: 5,
    max: 10_000,
    higherMeans: 'fewer',
  },
  {
    ...count,
    path: 'agreeingGroups',
    label: { en: 'Kinds of evidence that must agree', zh: '需一致的证据种类' },
    meaning: {
      en: 'How many kinds of evidence (level, shape, model) must deviate together before a deviation without a name is believed.',
      zh: '未能命名的偏差，需要多少种证据（幅值、波形、模型）同时偏离才可信。',
    },
    min: 1,
    max: 3,
    higherMeans: 'fewer',
    kinds: ['waveform'],
  },
  ...persistence('deviation', { en: 'unnamed deviation', zh: '未命名偏差' }, ['waveform', 'reading']),
  ...persistence('severity', { en: 'severity zone C or D', zh: '烈度 C/D 区' }, ['waveform']),
  ...persistence('agreed', { en: 'named fault with an agreeing deviation', zh: '有偏差佐证的命名故障' }, ['waveform']),
  ...persistence('geometry', { en: 'named fault on geometry alone', zh: '仅凭几何特征的命名故障' }, ['waveform']),
  {
    ...count,
    path: 'geometry.blocks',
    label: { en: 'Blocks a name rests on', zh: '命名所需数据块数' },
    meaning: {
      en: 'How many blocks the diagnosis must rest on before a fault named by geometry alone is believed.',
      zh: '仅凭几何特征命名的故障，诊断至少依据多少个数据块才可信。',
    },
    min: 1,
    max: 100,
    higherMeans: 'fewer',
    kinds: ['waveform'],
  },
  {
    path: 'falseAlarmsPerMonth',
    label: { en: 'Budget of false alarms', zh: '误报预算' },
    meaning: {
      en: 'How often a month an undisturbed point may see an observation beyond its limit, which follows from the tail of its own past; 0 keeps the fixed deviation.',
      zh: '每月允许正常测点越限的次数，限值由其自身历史的尾部推得；0 表示使用固定偏差。',
    },
    unit: '/month',
    min: 0,
    max: 1000,
    whole: false,
    higherMeans: 'more',
  },
  {
    path: 'seriousLevelRatio',
    label: { en: 'Ratio that is serious', zh: '严重倍数' },
    meaning: {
      en: 'A level this many times its baseline is serious whatever the zone says.',
      zh: '幅值达到基线的这一倍数时，无论处于哪个区都视为严重。',
    },
    unit: '×',
    min: 1.5,
    max: 100,
    whole: false,
    higherMeans: 'fewer',
    kinds: ['waveform'],
  },
  {
    path: 'riseWorth',
    label: { en: 'Worth of a rising level by itself', zh: '幅值单独上升的分量' },
    meaning: {
      en: 'What a level that rises out of its recent past is worth when nothing else supports it: 0 nothing, 0.5 a suspicion, 1 confirms. Set 1 for machines on constant duty.',
      zh: '幅值超出近期水平而无其他佐证时的分量：0 忽略，0.5 仅怀疑，1 直接确认。恒定工况的设备可设为 1。',
    },
    unit: '',
    min: 0,
    max: 1,
    whole: false,
    higherMeans: 'more',
  },
  {
    path: 'changeWorth',
    label: { en: 'Worth of a lasting shift by itself', zh: '持续偏移单独的分量' },
    meaning: {
      en: 'What a level is worth that has shifted and stays, though it may be within its limits: 0 nothing, 0.5 a suspicion, 1 confirms.',
      zh: '幅值发生偏移并保持（可能未超限）时的分量：0 忽略，0.5 仅怀疑，1 直接确认。',
    },
    unit: '',
    min: 0,
    max: 1,
    whole: false,
    higherMeans: 'more',
  },
  {
    path: 'joint.relationWorth',
    label: { en: 'Worth of a broken relation', zh: '关系被打破的分量' },
    meaning: {
      en: 'What it is worth that several values are no longer together as usual, though each may be within its limits: 0 nothing, 0.5 a suspicion, 1 confirms.',
      zh: '多个量之间的常态关系被打破（单个量可能未超限）时的分量：0 忽略，0.5 仅怀疑，1 直接确认。',
    },
    unit: '',
    min: 0,
    max: 1,
    whole: false,
    higherMeans: 'more',
  },
  {
    path: 'joint.rangeWorth',
    label: { en: 'Worth of leaving the range together', zh: '共同超出常态范围的分量' },
    meaning: {
      en: 'What it is worth that several values leave their usual range the way they usually move, as a process may well do: 0 nothing, 0.5 a suspicion, 1 confirms. Set 1 for machines on constant duty.',
      zh: '多个量沿常态方向共同超出范围（可能是工艺变化）时的分量：0 忽略，0.5 仅怀疑，1 直接确认。恒定工况的设备可设为 1。',
    },
    unit: '',
    min: 0,
    max: 1,
    whole: false,
    higherMeans: 'more',
  },
  {
    ...count,
    path: 'fadeAfter',
    label: { en: 'Quiet observations until a suspicion is dropped', zh: '撤销怀疑所需的平静次数' },
    meaning: {
      en: 'A suspicion that nothing has supported for so many observations is dropped.',
      zh: '连续这么多次观测都没有佐证时，撤销怀疑。',
    },
    min: 1,
    max: 1000,
    higherMeans: 'more',
  },
];

/** "Present in `needed` of the last `of` observations", for one way to believe something. */
function persistence(
  path: 'deviation' | 'severity' | 'agreed' | 'geometry',
  of: Bilingual,
  kinds: readonly PointKind[],
): Row[] {
  return [
    {
      ...window,
      path: `${path}.needed`,
      label: { en: `Times needed: ${of.en}`, zh: `确认所需次数：${of.zh}` },
      meaning: {
        en: `In how many of the latest observations it must be present to be confirmed: ${of.en}.`,
        zh: `在最近若干次观测中至少出现多少次才予以确认：${of.zh}。`,
      },
      higherMeans: 'fewer',
      kinds,
    },
    {
      ...window,
      path: `${path}.of`,
      label: { en: `Observations looked at: ${of.en}`, zh: `观察窗口：${of.zh}` },
      meaning: {
        en: `How many of the latest observations are looked at: ${of.en}.`,
        zh: `查看最近多少次观测：${of.zh}。`,
      },
      higherMeans: 'more',
      kinds,
    },
  ];
}

const ZONE_LABELS: Readonly<Record<ZoneSetting, string>> = { 'zone.ab': 'A/B', 'zone.bc': 'B/C', 'zone.cd': 'C/D' };

function zoneSetting(target: ZoneSetting): Setting {
  const zones = ZONE_LABELS[target];
  return {
    name: `waveform.${target}`,
    kind: 'waveform',
    target,
    perFeature: false,
    label: { en: `Severity limit ${zones}`, zh: `振动烈度界限 ${zones}` },
    meaning: {
      en: `Velocity (10–1000 Hz RMS) at the border of zones ${zones}, in the place of the standard's. For a class, a machine or a point.`,
      zh: `${zones} 区边界的振动速度（10–1000 Hz 有效值），代替标准中的数值。按设备类别、设备或测点设置。`,
    },
    unit: 'mm/s',
    min: 0.1,
    max: 100,
    whole: false,
    default: null,
    higherMeans: 'fewer',
  };
}

function expand(row: Row, perFeature: boolean): Setting[] {
  const { path, kinds = ['waveform', 'reading'], ...said } = row;
  return kinds.map((kind) => ({
    ...said,
    name: `${kind}.${path}`,
    kind,
    target: path,
    perFeature,
    default: numberAt(defaultsOf(kind), path),
  }));
}

/** What holds at a point of this kind where nobody has set anything. */
export function defaultsOf(kind: PointKind): DetectorSettings {
  return kind === 'waveform' ? WAVEFORM_SETTINGS : SCALAR_SETTINGS;
}

/** Everything that may be tuned, in the order in which people read it. */
export const CATALOGUE: readonly Setting[] = [
  ...FEATURE_ROWS.flatMap((row) => expand(row, true)),
  ...ZONE_SETTINGS.map(zoneSetting),
  ...POINT_ROWS.flatMap((row) => expand(row, false)),
];

const BY_NAME = new Map(CATALOGUE.map((setting) => [setting.name, setting]));

export function settingNamed(name: string): Setting | undefined {
  return BY_NAME.get(name);
}

/** Why a setting may not be set there; null when it may. */
export function scopeProblem(setting: Setting, scope: Scope): string | null {
  const named = [scope.machineClass, scope.machineId, scope.pointKey].filter((part) => part !== null).length;
  if (named > 1) return 'name at most one of machineClass, machineId and pointKey';
  if (!setting.perFeature && (scope.feature !== null || scope.regime !== null))
    return `${setting.name} holds for whole points: leave out feature and regime`;
  if (setting.default === null && named === 0)
    return `${setting.name} needs a class, a machine or a point: across all machines the standard's table holds`;
  return null;
}

/** Why a value cannot be taken; null when it can. */
export function valueProblem(setting: Setting, value: number): string | null {
  if (!Number.isFinite(value) || value < setting.min || value > setting.max)
    return `${setting.name} must lie between ${setting.min} and ${setting.max}${setting.unit ? ` ${setting.unit}` : ''}`;
  return setting.whole && !Number.isInteger(value) ? `${setting.name} must be a whole number` : null;
}
