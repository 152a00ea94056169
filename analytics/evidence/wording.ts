import type { FaultName, Level } from '../detectors/state.ts';
import type { Bilingual } from './bilingual.ts';
import type { EvidenceCard } from './card.ts';
import { featureWords } from './featureWords.ts';
import { jointWords } from './jointEvidence.ts';

/** The names of faults as people on the shop floor say them. */
export const FAULT_WORDS: Readonly<Record<FaultName, Bilingual>> = {
  inner: { en: 'Bearing inner race fault', zh: '轴承内圈故障' },
  outer: { en: 'Bearing outer race fault', zh: '轴承外圈故障' },
  ball: { en: 'Bearing rolling element fault', zh: '轴承滚动体故障' },
  cage: { en: 'Bearing cage fault', zh: '轴承保持架故障' },
  unbalance: { en: 'Unbalance', zh: '转子不平衡' },
  misalignment: { en: 'Misalignment', zh: '轴不对中' },
  looseness: { en: 'Mechanical looseness', zh: '机械松动' },
  gear: { en: 'Gear fault', zh: '齿轮故障' },
  electrical: { en: 'Electrical fault of the motor', zh: '电机电气故障' },
  lubrication: { en: 'Poor lubrication', zh: '润滑不良' },
  severity: { en: 'Vibration beyond limits', zh: '振动超限' },
  deviation: { en: 'Unexplained deviation', zh: '异常偏离（原因未明）' },
  sensor: { en: 'Sensor fault', zh: '传感器故障' },
};

export const LEVEL_WORDS: Readonly<Record<Level, Bilingual>> = {
  warning: { en: 'Warning', zh: '预警' },
  serious: { en: 'Serious', zh: '严重' },
};

const BEARING_ADVICE: Bilingual = {
  en: 'Have a spare bearing ready and plan its replacement; check lubrication and the fits. Shorten the measuring interval until then.',
  zh: '备好轴承备件并安排更换；检查润滑与配合。更换前缩短测量间隔。',
};

/** What to do about each fault, in one sentence or two. */
export const ADVICE: Readonly<Record<FaultName, Bilingual>> = {
  inner: BEARING_ADVICE,
  outer: BEARING_ADVICE,
  ball: BEARING_ADVICE,
  cage: {
    en: 'A cage can fail without further warning: replace the bearing at the next possible stop and check lubrication.',
    zh: '保持架可能突然失效：尽快停机更换轴承，并检查润滑。',
  },
  unbalance: {
    en: 'Look for deposits, lost balance weights or a bent shaft; clean and balance the rotor.',
    zh: '检查积垢、平衡块脱落或轴弯曲；清理并做动平衡。',
  },
  misalignment: {
    en: 'Check the coupling and align the shafts; look for soft foot and pipe strain.',
    zh: '检查联轴器并重新对中；检查软脚与管道应力。',
  },
  looseness: {
    en: 'Check foundation bolts, bearing housings and fits; tighten and measure again.',
    zh: '检查地脚螺栓、轴承座与配合；紧固后复测。',
  },
  gear: {
    en: 'Inspect the teeth and the oil for particles; check backlash and load.',
    zh: '检查齿面及油中颗粒；检查齿侧间隙与载荷。',
  },
  electrical: {
    en: 'Measure the currents of the three phases and the air gap; with pole-pass sidebands look at the rotor bars, without at stator, windings and soft foot.',
    zh: '测量三相电流与气隙；有极通频率边带时检查转子导条，无边带时检查定子、绕组与软脚。',
  },
  lubrication: {
    en: 'Check quantity, grade and cleanliness of the lubricant; relubricate and measure again.',
    zh: '检查润滑剂的量、牌号与清洁度；补脂后复测。',
  },
  severity: {
    en: 'The level exceeds what the standard allows for long operation: find the cause by a detailed measurement before it grows.',
    zh: '振动水平超过标准允许的长期运行范围：请详细测量查明原因。',
  },
  deviation: {
    en: 'The point left its own normal and no known pattern explains it: check the process, then the sensor and its mounting, then the machine.',
    zh: '测点偏离自身常态且无已知模式可解释：依次检查工艺、传感器及安装、设备本体。',
  },
  sensor: {
    en: 'Check the sensor, its cable and its configuration; the machine is not judged by this point until good data is back.',
    zh: '检查传感器、电缆与配置；数据恢复正常前，该测点不参与设备判断。',
  },
};

const BASIS: Readonly<Record<EvidenceCard['basis'], Bilingual>> = {
  agreement: {
    en: 'fault frequencies and the deviation from its own normal agree',
    zh: '故障特征频率与偏离自身常态相互印证',
  },
  geometry: {
    en: 'the fault frequencies repeat, and nothing else speaks yet',
    zh: '故障特征频率反复出现，尚无其他佐证',
  },
  deviation: { en: 'several independent features left their own normal', zh: '多个独立特征持续偏离自身常态' },
  joint: {
    en: 'several values together are where they never were, though each may be within its own limits',
    zh: '多个量的组合偏离历史常态，单个量可能仍在各自限值内',
  },
  severity: { en: 'the level stays beyond the limits', zh: '振动水平持续超限' },
  sensor: { en: 'the data cannot be right', zh: '数据不可信' },
};

type Said = Pick<
  EvidenceCard,
  | 'assetName'
  | 'pointKey'
  | 'fault'
  | 'level'
  | 'basis'
  | 'confidence'
  | 'harmonics'
  | 'severity'
  | 'coldStart'
  | 'features'
  | 'joint'
  | 'shift'
>;

/** The anomaly in one breath, in both languages: what, where, why it is believed, how sure. */
export function summarise(card: Said): Bilingual {
  const fault = FAULT_WORDS[card.fault];
  const percent = Math.round(card.confidence * 100);
  const first = card.harmonics[0];
  const loudest = card.features
    .filter((f) => f.speaks && f.centre !== null)
    .toSorted((a, b) => Math.abs(b.z ?? 0) - Math.abs(a.z ?? 0))[0];
  const en = [`${fault.en} on ${card.assetName} (${card.pointKey}): ${BASIS[card.basis].en}`];
  const zh = [`${card.assetName}（${card.pointKey}）${fault.zh}：${BASIS[card.basis].zh}`];
  if (first) {
    en.push(
      `${card.harmonics.length} harmonics from ${first.hz.toFixed(1)} Hz, ${first.snrDb.toFixed(0)} dB above the noise`,
    );
    zh.push(`自 ${first.hz.toFixed(1)} Hz 起 ${card.harmonics.length} 阶谐波，高出底噪 ${first.snrDb.toFixed(0)} dB`);
  }
  if (loudest) {
    const numbers = `${short(loudest.value)} ${loudest.unit}`.trim();
    const normal = `${short(loudest.centre!)} ${loudest.unit}`.trim();
    const name = featureWords(loudest.name);
    en.push(`${name.en} ${numbers} where ${normal} is normal`);
    zh.push(`${name.zh}为 ${numbers}，常态 ${normal}`);
  }
  if (card.joint) {
    const words = jointWords(card.joint);
    en.push(words.en);
    zh.push(words.zh);
  }
  if (card.shift) {
    const { feature, unit, sinceMs, from, to } = card.shift;
    const name = featureWords(feature);
    const since = new Date(sinceMs).toISOString().replace('T', ' ').slice(0, 16);
    en.push(`${name.en} has shifted from ${short(from)} to ${`${short(to)} ${unit}`.trim()} since ${since} UTC`);
    zh.push(`自 ${since} UTC 起${name.zh}由 ${short(from)} 变为 ${`${short(to)} ${unit}`.trim()} 并保持`);
  }
  if (card.severity) {
    const { zone, velocityRmsMmS } = card.severity;
    en.push(`severity zone ${zone} (${velocityRmsMmS.toFixed(1)} mm/s)`);
    zh.push(`烈度 ${zone} 区（${velocityRmsMmS.toFixed(1)} mm/s）`);
  }
  const cold = card.coldStart ? { en: ', no baseline yet', zh: '，尚无基线' } : { en: '', zh: '' };
  return {
    en: `${en.join('; ')}. Confidence ${percent} %${cold.en}.`,
    zh: `${zh.join('；')}。置信度 ${percent}%${cold.zh}。`,
  };
}

/** Three significant digits, without an exponent for everyday sizes. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}
