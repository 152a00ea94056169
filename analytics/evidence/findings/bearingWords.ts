import type { BearingFault } from '../../diagnosis/types.ts';
import type { Bilingual } from '../bilingual.ts';
import { times, type Words } from './wordsOf.ts';

/** Whose frequency, as in "the outer frequency". */
const FREQUENCY: Readonly<Record<BearingFault, Bilingual>> = {
  inner: { en: 'inner', zh: '内圈' },
  outer: { en: 'outer', zh: '外圈' },
  ball: { en: 'ball', zh: '滚动体' },
  cage: { en: 'cage', zh: '保持架' },
};

/** How far a comb stands out: the beginning of most doubts. */
function stands({ times: level, run }: { times: number; run: boolean }): Bilingual {
  return {
    en: `${times(level)} times the noise floor over three harmonics${run ? ' of the whole run' : ''}`,
    zh: `三阶谐波${run ? '在整段连续数据中' : ''}为底噪的 ${times(level)} 倍`,
  };
}

type Code =
  | 'comb-weak'
  | 'comb-without-lead'
  | 'comb-of-one-line'
  | 'comb-by-chance'
  | 'comb-outshone'
  | 'comb-in-run'
  | 'comb-elsewhere'
  | 'fits-other-order'
  | 'shaft-sideband'
  | 'hidden-sideband'
  | 'multiple-of-order'
  | 'comb-stands'
  | 'comb-stands-in-run'
  | 'none-stands-out'
  | 'signs-not-enough'
  | 'lines-elsewhere'
  | 'speed-estimated'
  | 'cage-blows'
  | 'cage-one-element'
  | 'cage-row-short';

/** What the combs of a bearing show, and why they prove nothing. */
export const BEARING_WORDS: Words<Code> = {
  'comb-weak': ({ times: level, needed, run }) => {
    if (times(level) === times(needed)) {
      return {
        en: `just under the ${times(needed)} times the noise floor over three harmonics that are needed`,
        zh: `三阶谐波略低于所需的底噪 ${times(needed)} 倍`,
      };
    }
    const { en, zh } = stands({ times: level, run });
    return { en: `${en}, ${times(needed)} needed`, zh: `${zh}，需达到 ${times(needed)} 倍` };
  },
  'comb-without-lead': ({ rival, rivalTimes, lead, ...of }) => {
    const { en, zh } = stands(of);
    const other = FREQUENCY[rival];
    return {
      en: `${en}, but ${other.en} is ${times(rivalTimes)} times, and a lead of ${times(lead)} is needed`,
      zh: `${zh}，但${other.zh}频率为 ${times(rivalTimes)} 倍，需领先 ${times(lead)} 倍`,
    };
  },
  'comb-of-one-line': ({ second, needed, ...of }) => {
    const { en, zh } = stands(of);
    return {
      en: `${en}, but by one line alone: the second strongest is ${times(second)} times, ${times(needed)} needed`,
      zh: `${zh}，但仅由一根谱线造成：次强谱线为 ${times(second)} 倍，需达到 ${times(needed)} 倍`,
    };
  },
  'comb-by-chance': ({ chance, lead, ...of }) => {
    const { en, zh } = stands(of);
    return {
      en: `${en}, but orders where no known part turns reach ${times(chance)} times, and a lead of ${times(lead)} is needed`,
      zh: `${zh}，但不属于任何已知部件的阶次也达到 ${times(chance)} 倍，需领先 ${times(lead)} 倍`,
    };
  },
  'comb-outshone': ({ times: level, best, bestTimes }) => {
    const { en, zh } = stands({ times: level, run: false });
    return {
      en: `${en}, but the ${FREQUENCY[best].en} frequency explains more, with ${times(bestTimes)} times`,
      zh: `${zh}，但${FREQUENCY[best].zh}频率更能解释，达 ${times(bestTimes)} 倍`,
    };
  },
  'comb-in-run': ({ times: level }) => ({
    en: `${times(level)} times the noise floor over the whole run`,
    zh: `在整段连续数据中为底噪的 ${times(level)} 倍`,
  }),
  'comb-elsewhere': ({ what }, said) => ({
    en: `its lines come from elsewhere: ${said(what).en}`,
    zh: `其谱线另有来源：${said(what).zh}`,
  }),
  'fits-other-order': ({ order }) => ({
    en: `the pattern fits order ${order.toFixed(2)} better, too far off to be slip`,
    zh: `谱线与 ${order.toFixed(2)} 阶更吻合，偏差过大，不可能是滑移`,
  }),
  'shaft-sideband': ({ order }) => ({
    en: `it is a shaft sideband of the stronger order ${order.toFixed(2)}`,
    zh: `它是更强的 ${order.toFixed(2)} 阶的转频边带`,
  }),
  'hidden-sideband': ({ order }) => ({
    en: `it is a shaft sideband of order ${order.toFixed(2)}, which the shaft hides`,
    zh: `它是 ${order.toFixed(2)} 阶的转频边带，该阶次被转频谱线掩盖`,
  }),
  'multiple-of-order': ({ order }) => ({
    en: `it is a multiple of order ${order.toFixed(2)}`,
    zh: `它是 ${order.toFixed(2)} 阶的倍频`,
  }),
  'comb-stands': ({ fault, times: level, needed, next, supported }) => ({
    en:
      `Three harmonics of the ${FREQUENCY[fault].en} frequency stand ${times(level)} times over the noise of the ` +
      `pre-whitened envelope (${times(needed)} needed, next candidate ${times(next)})` +
      `${supported ? ', borne out by the levelled envelope' : ''}.`,
    zh:
      `${FREQUENCY[fault].zh}频率的三阶谐波在预白化包络谱中为噪声的 ${times(level)} 倍` +
      `（需 ${times(needed)} 倍，次优候选 ${times(next)} 倍）${supported ? '，均衡包络谱予以印证' : ''}。`,
  }),
  'comb-stands-in-run': ({ fault, times: level, needed, next, seconds }) => ({
    en:
      `Three harmonics of the ${FREQUENCY[fault].en} frequency stand ${times(level)} times over the noise of ` +
      `${seconds.toFixed(1)} s without a gap (${times(needed)} needed, next candidate ${times(next)}).`,
    zh:
      `${FREQUENCY[fault].zh}频率的三阶谐波在 ${seconds.toFixed(1)} 秒连续数据中为噪声的 ${times(level)} 倍` +
      `（需 ${times(needed)} 倍，次优候选 ${times(next)} 倍）。`,
  }),
  'none-stands-out': ({ fault, why, run }, said) => ({
    en: `No bearing fault stands out of the ${run ? 'run' : 'envelope'}: the strongest, ${FREQUENCY[fault].en}, is ${said(why).en}.`,
    zh: `${run ? '连续数据' : '包络谱'}中没有突出的轴承故障：最强的${FREQUENCY[fault].zh}频率，${said(why).zh}。`,
  }),
  'signs-not-enough': ({ fault, why }, said) => ({
    en: `Signs of a fault of the ${FREQUENCY[fault].en} kind do not suffice: ${said(why).en}.`,
    zh: `${FREQUENCY[fault].zh}类故障的迹象不足：${said(why).zh}。`,
  }),
  'lines-elsewhere': ({ fault, what }, said) => ({
    en: `Lines at the ${FREQUENCY[fault].en} frequency come from elsewhere: ${said(what).en}. Check the geometry and the speed.`,
    zh: `${FREQUENCY[fault].zh}频率处的谱线另有来源：${said(what).zh}。请核对轴承几何参数与转速。`,
  }),
  'speed-estimated': ({ rpm }) => ({
    en: `Speed estimated at ${rpm.toFixed(0)} rpm.`,
    zh: `估计转速 ${rpm.toFixed(0)} r/min。`,
  }),
  'cage-blows': () => ({
    en: 'They repeat with the cage, in a long row of one height as blows do.',
    zh: '它们随保持架重复，长列谐波高度一致，呈冲击特征。',
  }),
  'cage-one-element': () => ({
    en: 'They repeat with the cage and fall quickly, as when one rolling element differs from the others. A cage that is worn without striking draws the same lines: it is this bearing in either case.',
    zh: '它们随保持架重复且迅速衰减，如同某个滚动体与其他不同。磨损但未发生冲击的保持架会产生相同的谱线：两种情形都指向该轴承。',
  }),
  'cage-row-short': () => ({
    en: 'its row of harmonics is too short for blows; wear that does not strike is not ruled out',
    zh: '其谐波列过短，不呈冲击特征；不能排除无冲击的磨损',
  }),
};
