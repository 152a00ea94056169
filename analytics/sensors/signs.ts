import type { Bilingual } from '../evidence/bilingual.ts';

/** What can be wrong with data so that it says nothing about the machine. */
export const SENSOR_SIGNS = [
  'clipping',
  'dropout',
  'flat-line',
  'non-finite',
  'too-short',
  'no-signal',
  'sampling-rate',
  'unit',
  'speed',
  'stuck',
  'out-of-range',
  'spikes',
  'dead',
] as const;
export type SensorSign = (typeof SENSOR_SIGNS)[number];

/** A sign with the numbers that it was seen by, for people. */
export interface SeenSign {
  readonly sign: SensorSign;
  readonly detail: Bilingual;
}

/** Signs as people say them. */
export const SIGN_WORDS: Readonly<Record<SensorSign, Bilingual>> = {
  clipping: { en: 'the signal is cut off at its limits', zh: '信号削顶' },
  dropout: { en: 'the signal drops out', zh: '信号中断丢失' },
  'flat-line': { en: 'the signal is a flat line', zh: '信号为一条直线' },
  'non-finite': { en: 'the samples are no numbers', zh: '采样值无效' },
  'too-short': { en: 'the blocks are too short to be judged', zh: '数据块过短' },
  'no-signal': { en: 'the machine turns and the sensor hears nothing', zh: '设备运转而传感器无信号' },
  'sampling-rate': { en: 'the sampling rate is not the one declared', zh: '采样率与声明不符' },
  unit: { en: 'the values are in another unit than declared', zh: '数值单位与声明不符' },
  speed: { en: 'the speed is not plausible', zh: '转速不合理' },
  stuck: { en: 'the reading is stuck', zh: '读数卡滞不变' },
  'out-of-range': { en: 'the reading is outside the declared range', zh: '读数超出声明量程' },
  spikes: { en: 'the reading shows spikes', zh: '读数出现尖峰跳变' },
  dead: { en: 'the point sends nothing any more', zh: '测点不再上传数据' },
};

/** What to look at, by sign. */
export const SIGN_ADVICE: Readonly<Record<SensorSign, Bilingual>> = {
  clipping: {
    en: 'Check the measuring range and the mounting; if the range is right the machine is louder than the sensor can tell: measure by hand.',
    zh: '检查量程与安装；若量程无误，则振动已超出传感器能力，请人工测量。',
  },
  dropout: { en: 'Check cable, connector and radio link.', zh: '检查电缆、接头与无线链路。' },
  'flat-line': { en: 'Check supply, cable and the converter.', zh: '检查供电、电缆与采集模块。' },
  'non-finite': { en: 'Check the converter and the gateway’s configuration.', zh: '检查采集模块与网关配置。' },
  'too-short': { en: 'Set the block length in the node’s configuration.', zh: '在节点配置中增大采样长度。' },
  'no-signal': { en: 'Check mounting, cable and sensor supply.', zh: '检查安装、电缆与传感器供电。' },
  'sampling-rate': { en: 'Compare the node’s sampling rate with its header.', zh: '核对节点实际采样率与报文头。' },
  unit: { en: 'Compare unit and scale in the node’s configuration.', zh: '核对节点配置的单位与比例系数。' },
  speed: { en: 'Check the tachometer and its pulses per turn.', zh: '检查转速传感器及每转脉冲数。' },
  stuck: { en: 'Check sensor, transmitter and the register that is read.', zh: '检查传感器、变送器与读取的寄存器。' },
  'out-of-range': {
    en: 'Check for a broken wire or a short circuit, then the scale.',
    zh: '检查断线、短路，再核对比例。',
  },
  spikes: { en: 'Check contacts, shielding and earthing.', zh: '检查接触、屏蔽与接地。' },
  dead: { en: 'Check the supply and the point’s entry in the gateway.', zh: '检查供电与网关中的测点配置。' },
};
