export { type Looked, SparkplugHost, type SparkplugHostDeps } from './host.ts';
export { resolveHeld } from './replay.ts';
export { hostStates } from './state.ts';
export {
  mayPublishSparkplug,
  mayReceiveSparkplug,
  maySubscribeSparkplug,
  parseSparkplugTopic,
  statePayload,
  stateTopic,
} from './topics.ts';
