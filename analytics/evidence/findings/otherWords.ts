import type { FindingCode, SeverityExclusion, SeverityGap } from '../../diagnosis/finding.ts';
import type { Bilingual } from '../bilingual.ts';
import { times, type Words } from './wordsOf.ts';

type Code = Extract<
  FindingCode,
  | 'no-block'
  | 'no-usable-block'
  | 'blocks-too-short'
  | 'geometry-unknown'
  | 'speed-unknown'
  | 'too-few-blocks'
  | 'cannot-tell'
  | 'no-line-severe'
  | 'no-line-grown'
  | 'also-present'
  | 'thin-film'
  | `floor-${string}`
  | `severity-${string}`
>;

const GAP: Readonly<Record<Exclude<SeverityGap, 'class'>, Bilingual>> = {
  'kind-of-compressor': { en: 'it is taken for a rotary compressor', zh: '按回转式压缩机处理' },
  mounting: { en: 'the mounting is unknown', zh: '安装方式未知' },
  size: { en: 'power and shaft height are unknown', zh: '功率与轴中心高未知' },
};
const EXCLUDED: Readonly<Record<SeverityExclusion, Bilingual>> = {
  'small-fan-on-springs': {
    en: 'does not judge flexibly supported fans of up to 300 kW; agree on limits (ISO 14694) and set them as thresholds',
    zh: '不适用于柔性支承且不超过 300 kW 的风机；请按 ISO 14694 约定界限并设为阈值',
  },
  'large-set': {
    en: 'does not judge turbines and generators above 40 MW at these speeds; ISO 20816-2 does, whose limits are not held here: set them as thresholds',
    zh: '不适用于该转速下超过 40 MW 的汽轮机与发电机，应按 ISO 20816-2；此处未存其界限，请设为阈值',
  },
};
const level = (by: number): Bilingual => ({
  en: `noise above 2 kHz is ${times(by)} times its baseline`,
  zh: `2 kHz 以上噪声为其基线的 ${times(by)} 倍`,
});
const table = (name: string): string =>
  name
    .replace('group 1', '第 1 组')
    .replace('group 2', '第 2 组')
    .replace('category II', 'II 类')
    .replace('category I', 'I 类')
    .replace('flexible', '柔性')
    .replace('rigid', '刚性')
    .replace('above', '超过')
    .replace('up to', '不超过')
    .replaceAll(', ', '、');

/** What there was to go by, what the noise at high frequencies says, and how far the standard covers the machine. */
export const OTHER_WORDS: Words<Code> = {
  'no-block': () => ({ en: 'No block has been seen yet.', zh: '尚未收到数据块。' }),
  'no-usable-block': () => ({
    en: 'No block was usable: the machine stood still or the data was bad.',
    zh: '没有可用的数据块：设备停机或数据不良。',
  }),
  'blocks-too-short': () => ({
    en: 'The blocks hold fewer than four shaft revolutions; send longer blocks.',
    zh: '数据块不足四转；请发送更长的数据块。',
  }),
  'geometry-unknown': () => ({
    en: 'The bearing geometry is unknown; enter it to have bearing faults named.',
    zh: '轴承几何参数未知；录入后方可判定轴承故障。',
  }),
  'speed-unknown': () => ({
    en: 'The shaft speed is unknown and the envelope does not show it; send a speed.',
    zh: '转速未知，且包络谱中无法看出；请发送转速。',
  }),
  'too-few-blocks': () => ({ en: 'Too few blocks with a speed.', zh: '带转速的数据块过少。' }),
  'cannot-tell': ({ what }, said) => ({ en: `Cannot tell: ${said(what).en}.`, zh: `无法判定：${said(what).zh}。` }),
  'no-line-severe': () => ({
    en: 'No baseline, and no shaft line carries a severe vibration.',
    zh: '尚无基线，且没有转频谱线造成严重振动。',
  }),
  'no-line-grown': () => ({ en: 'No shaft line has grown.', zh: '转频谱线均未增长。' }),
  'also-present': ({ what }, said) => ({
    en: `Also present: ${what.map((one) => said(one).en).join(' ')}`,
    zh: `同时存在：${what.map((one) => said(one).zh).join('')}`,
  }),
  'floor-not-reached': () => ({
    en: 'the blocks do not reach the high frequencies at which friction is heard',
    zh: '数据块达不到可听出摩擦的高频',
  }),
  'floor-without-baseline': () => ({
    en: 'needs a baseline of the high-frequency noise',
    zh: '需要高频噪声的基线',
  }),
  'floor-low': ({ times: by, needed }) => ({
    en: `${level(by).en}, ${times(needed)} needed`,
    zh: `${level(by).zh}，需达到 ${times(needed)} 倍`,
  }),
  'floor-of-bearing': ({ times: by }) => ({
    en: `${level(by).en}, which the bearing fault explains`,
    zh: `${level(by).zh}，可由轴承故障解释`,
  }),
  'floor-with-blows': ({ times: by, kurtosis }) => ({
    en: `The ${level(by).en}, with blows (kurtosis ${kurtosis.toFixed(1)}) as no thin film makes.`,
    zh: `${level(by).zh}，并伴有冲击（峭度 ${kurtosis.toFixed(1)}），油膜变薄不会造成冲击。`,
  }),
  'floor-at-once': ({ times: by }) => ({
    en: `The ${level(by).en}, but rose at once: look for a change of process (cavitation, flow) or of the sensor's mounting.`,
    zh: `${level(by).zh}，但为骤升：请检查工艺变化（汽蚀、流量）或传感器安装。`,
  }),
  'thin-film': ({ times: by }) => ({
    en: `The ${level(by).en}, risen gradually, without blows or a bearing's comb. Relubricate and measure again: if the noise falls, that was it.`,
    zh: `${level(by).zh}，为逐渐上升，无冲击，也无轴承特征谐波。请补充润滑后复测：噪声下降即可确认。`,
  }),
  'severity-too-small': ({ part, aboveKw, powerKw }) => ({
    en: `${part} is for machines above ${aboveKw} kW; this one has ${powerKw} kW`,
    zh: `${part} 适用于 ${aboveKw} kW 以上的设备；本设备为 ${powerKw} kW`,
  }),
  'severity-speed': ({ part, fromRpm, toRpm, rpm }) => ({
    en: `limits of ${part} are held for ${toRpm === null ? `${fromRpm} rpm and more` : `${fromRpm} to ${toRpm} rpm`}; this block ran at ${rpm.toFixed(0)}`,
    zh: `此处的 ${part} 界限适用于 ${toRpm === null ? `${fromRpm} r/min 以上` : `${fromRpm} 至 ${toRpm} r/min`}；该数据块转速为 ${rpm.toFixed(0)} r/min`,
  }),
  'severity-excluded': ({ part, why }) => ({ en: `${part} ${EXCLUDED[why].en}`, zh: `${part} ${EXCLUDED[why].zh}` }),
  'severity-assumed': ({ part, table: name, missing, machineClass }) => {
    const gaps = missing.map((gap) =>
      gap === 'class'
        ? { en: `no part is held for the class ${machineClass}`, zh: `没有适用于“${machineClass}”类设备的部分` }
        : GAP[gap],
    );
    return {
      en: `${gaps.map(({ en }) => en).join(', ')}: the limits of ${part}, ${name}, were taken`,
      zh: `${gaps.map(({ zh }) => zh).join('，')}：采用 ${part} ${table(name)} 的界限`,
    };
  },
};
