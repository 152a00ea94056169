import type { Registry } from 'prom-client';
import { readMetrics } from '../../../platform/index.ts';
import type { RemoteBroker } from './remoteBroker.ts';

/** What /metrics tells of the broker of MQTT_URL. */
export function exposeRemoteMetrics(registry: Registry, remote: RemoteBroker): void {
  const { gauge, counter } = readMetrics(registry, 'faultline_ingest_remote_');
  gauge('connected', '1 while the broker of MQTT_URL is connected', () => (remote.counts().connected ? 1 : 0));
  gauge('problem', '1 while nothing, or not everything, can come in from it', () =>
    remote.problem() === null ? 0 : 1,
  );
  gauge('in_flight', 'Messages taken from it and not yet acknowledged', () => remote.counts().inFlight);
  gauge('held', '1 while it is held up until there is room here', () => (remote.counts().held ? 1 : 0));
  gauge('waiting_bytes', 'Bytes of messages whose device is being looked up', () => remote.counts().waitingBytes);
  gauge('slowed_bytes', 'Bytes of messages that wait for their tenant’s rate', () => remote.counts().slowedBytes);
  gauge('lag_seconds', 'How far we are behind it', () => remote.counts().lagMs / 1000);
  gauge('sparkplug_host', '1 while this process is the Sparkplug host there', () =>
    remote.counts().isSparkplugHost ? 1 : 0,
  );
  gauge('takes_waveforms', '1 while this process takes the waveform blocks from there', () =>
    remote.counts().takesWaveforms ? 1 : 0,
  );
  gauge('vendor_filters', 'Vendors’ topics subscribed to there', () => remote.counts().vendorFilters);
  gauge(
    'vendor_filters_refused',
    'Of those, what the broker does not let us read',
    () => remote.counts().vendorFiltersRefused,
  );
  counter(
    'reconnections_total',
    'Times that the session with it was taken up again',
    () => remote.counts().reconnections,
  );
}
