export { blockParts } from './blockParts.ts';
export { type PublisherOptions, Qos1Publisher } from './publisher.ts';
export { encodeWaveformBlock, type WaveformBlock } from './waveformBlock.ts';
