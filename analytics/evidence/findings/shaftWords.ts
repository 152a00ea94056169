import type { FindingCode, ParamsOf } from '../../diagnosis/finding.ts';
import { mmS, percent, times, type Words } from './wordsOf.ts';

const grown = (growth: number | null) =>
  growth === null
    ? { en: '', zh: '' }
    : { en: `, ${times(growth)} times its baseline`, zh: `，为其基线的 ${times(growth)} 倍` };
const zoneOf = (zone: string | null) => ({ en: zone ?? 'unknown', zh: zone ?? '未知' });

type Code = Extract<
  FindingCode,
  | `gear-${string}`
  | `mains-${string}`
  | `multiples-${string}`
  | `first-${string}`
  | `second-${string}`
  | `named-${string}`
  | 'of-all'
  | 'not-grown'
  | 'not-severe'
>;

const LOOK: Readonly<Record<ParamsOf<'mains-named'>['look'], { en: string; zh: string }>> = {
  'longer blocks': {
    en: '; the blocks are too short to show pole-pass sidebands',
    zh: '；数据块过短，无法显示极通频率边带',
  },
  rotor: { en: ', with pole-pass sidebands: look at the rotor', zh: '，有极通频率边带：请检查转子' },
  stator: {
    en: ', without pole-pass sidebands: look at stator, air gap and supply',
    zh: '，无极通频率边带：请检查定子、气隙与供电',
  },
};

/** What the lines of shaft, gear and mains show. */
export const SHAFT_WORDS: Words<Code> = {
  'gear-not-entered': () => ({ en: 'no gear is entered for this shaft', zh: '该轴未录入齿轮' }),
  'gear-out-of-reach': () => ({
    en: 'the mesh lies beyond what the sensor or the block can show',
    zh: '啮合频率超出传感器或数据块的可测范围',
  }),
  'gear-growth': ({ grown: count, times: by }) => ({
    en: `${count} of 4 shaft sidebands of the gear mesh have grown ${times(by)}-fold`,
    zh: `啮合频率的 4 条转频边带中有 ${count} 条增长到 ${times(by)} 倍`,
  }),
  'gear-sidebands': ({ share, standing }) => ({
    en: `the mesh's first sidebands reach ${percent(share)} of it, ${standing} of 4 stand out`,
    zh: `啮合频率的一阶边带达其 ${percent(share)}，4 条中有 ${standing} 条突出`,
  }),
  'gear-not-enough': ({ what, share }, said) => ({
    en: share === null ? `${said(what).en}, 3 needed` : `${said(what).en}; ${percent(share)} and 3 needed`,
    zh: share === null ? `${said(what).zh}，需 3 条` : `${said(what).zh}；需达 ${percent(share)} 且 3 条`,
  }),
  'multiples-stand': ({ whole, halves }) => ({
    en: `${whole} multiples and ${halves} half orders of the shaft stand out`,
    zh: `转频的 ${whole} 个倍频和 ${halves} 个半倍频突出`,
  }),
  'multiples-not-enough': ({ whole, halves }) => ({
    en: `${whole} multiples and ${halves} half orders of the shaft stand out; 5 multiples, or 2 and 2, needed`,
    zh: `转频的 ${whole} 个倍频和 ${halves} 个半倍频突出；需 5 个倍频，或各 2 个`,
  }),
  'mains-no-frequency': () => ({
    en: 'no mains frequency fits the speed of the shaft',
    zh: '没有与转速相符的电网频率',
  }),
  'mains-level': ({ hz, mmS: level, growth }) => ({
    en: `twice the mains (${hz} Hz) is ${mmS(level)}${grown(growth).en}`,
    zh: `两倍电网频率（${hz} Hz）为 ${mmS(level)}${grown(growth).zh}`,
  }),
  'mains-not-told': ({ what, multiple }, said) => ({
    en: `${said(what).en}, and blocks this short cannot tell it from ${multiple}× of the shaft: take longer blocks`,
    zh: `${said(what).zh}，数据块过短，无法与 ${multiple} 倍转频区分：请采集更长的数据块`,
  }),
  'mains-is-shaft': ({ hz, multiple }) => ({
    en: `the peak near ${hz} Hz is ${multiple}× of the shaft`,
    zh: `${hz} Hz 附近的峰是 ${multiple} 倍转频`,
  }),
  'mains-named': ({ what, look }, said) => ({
    en: `${said(what).en}${LOOK[look].en}`,
    zh: `${said(what).zh}${LOOK[look].zh}`,
  }),
  'second-level': ({ second, first, growth }) => ({
    en: `2× is ${mmS(second)} beside ${mmS(first)} at 1×${grown(growth).en}`,
    zh: `2 倍频为 ${mmS(second)}，1 倍频为 ${mmS(first)}${growth === null ? '' : `，2 倍频为其基线的 ${times(growth)} 倍`}`,
  }),
  'second-may-be-mains': ({ what, hz }, said) => ({
    en: `${said(what).en}, but that may be twice the mains (${hz} Hz)`,
    zh: `${said(what).zh}，但也可能是两倍电网频率（${hz} Hz）`,
  }),
  'second-is-more-than-half': ({ what }, said) => ({
    en: `${said(what).en}, but 2× is more than half of it`,
    zh: `${said(what).zh}，但 2 倍频超过其一半`,
  }),
  'first-leads': ({ what }, said) => ({ en: `${said(what).en}: 1× leads`, zh: `${said(what).zh}：1 倍频占优` }),
  'first-level': ({ first, all, growth }) => ({
    en: `1× is ${mmS(first)} of ${mmS(all)} in all${grown(growth).en}`,
    zh: `1 倍频为 ${mmS(first)}，总值 ${mmS(all)}${growth === null ? '' : `，1 倍频为其基线的 ${times(growth)} 倍`}`,
  }),
  'of-all': ({ what, all }, said) => ({
    en: `${said(what).en}, of ${mmS(all)} in all`,
    zh: `${said(what).zh}，总值 ${mmS(all)}`,
  }),
  'not-grown': ({ what, needed }, said) => ({
    en: `${said(what).en}; growth to ${needed} times needed`,
    zh: `${said(what).zh}；需增长到 ${needed} 倍`,
  }),
  'not-severe': ({ what, zone }, said) => ({
    en: `${said(what).en} in zone ${zoneOf(zone).en}; without a baseline a line accuses in zone C or D only`,
    zh: `${said(what).zh}，处于 ${zoneOf(zone).zh} 区；无基线时仅在 C 或 D 区据谱线判断`,
  }),
  'named-grown': ({ what }, said) => ({
    en: `${said(what).en} (grown over the baseline).`,
    zh: `${said(what).zh}（较基线增长）。`,
  }),
  'named-severe': ({ what, zone }, said) => ({
    en: `${said(what).en} (zone ${zoneOf(zone).en} without a baseline).`,
    zh: `${said(what).zh}（${zoneOf(zone).zh} 区，尚无基线）。`,
  }),
};
