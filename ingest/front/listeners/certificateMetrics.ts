import { Gauge, type Registry } from 'prom-client';
import type { CertificateFiles } from '../../../platform/index.ts';

/** What an operator must hear of before clients do: a certificate that ends, a renewal that did not work. */
export function exposeCertificate(registry: Registry, certificates: CertificateFiles): void {
  new Gauge({
    name: 'faultline_ingest_tls_certificate_days_left',
    help: 'Days until the certificate of the MQTT listeners expires',
    registers: [registry],
    collect() {
      this.set(certificates.daysLeft());
    },
  });
  new Gauge({
    name: 'faultline_ingest_tls_reload_failed',
    help: '1 while the certificate files on disk cannot be used and an older certificate is',
    registers: [registry],
    collect() {
      this.set(certificates.reloadFailed ? 1 : 0);
    },
  });
}
