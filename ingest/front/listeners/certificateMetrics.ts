import type { Registry } from 'prom-client';
import { type CertificateFiles, readMetrics } from '../../../platform/index.ts';

/** What an operator must hear of before clients do: a certificate that ends, a renewal that did not work. */
export function exposeCertificate(registry: Registry, certificates: CertificateFiles): void {
  const { gauge } = readMetrics(registry, 'faultline_ingest_tls_');
  gauge('certificate_days_left', 'Days until the certificate of the MQTT listeners expires', () =>
    certificates.daysLeft(),
  );
  gauge('reload_failed', '1 while the certificate files on disk cannot be used and an older certificate is', () =>
    certificates.reloadFailed ? 1 : 0,
  );
}
