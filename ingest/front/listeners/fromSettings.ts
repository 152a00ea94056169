import { CertificateFiles, type Clock, type Config, type Logger } from '../../../platform/index.ts';
import { createListener } from './createListener.ts';
import type { Listener } from './listener.ts';

/** The settings that say where MQTT is spoken. */
export type ListenerSettings = Pick<Config, 'MQTT_HOST' | 'MQTT_PORT'> &
  Partial<
    Pick<
      Config,
      | 'MQTT_TLS_PORT'
      | 'MQTT_TLS_CERT_FILE'
      | 'MQTT_TLS_KEY_FILE'
      | 'MQTT_TLS_CA_FILE'
      | 'MQTT_TLS_CLIENT_CERT'
      | 'MQTT_WS_PORT'
      | 'MQTT_WSS_PORT'
    >
  >;

/** Every listener that is asked for, and the certificate that the encrypted ones share. */
export function listenersFromSettings(
  settings: ListenerSettings,
  deps: { clock: Clock; log: Logger },
): { listeners: Listener[]; certificates: CertificateFiles | null } {
  const { MQTT_HOST: host, MQTT_TLS_CERT_FILE: cert, MQTT_TLS_KEY_FILE: key, MQTT_TLS_CA_FILE: ca } = settings;
  const isEncrypted = settings.MQTT_TLS_PORT !== undefined || settings.MQTT_WSS_PORT !== undefined;
  const certificates = isEncrypted && cert && key ? new CertificateFiles({ cert, key, ca }, deps) : null;
  const tls = certificates && { certificates, clientCertificate: settings.MQTT_TLS_CLIENT_CERT ?? 'required' };
  const listeners = [createListener({ host, port: settings.MQTT_PORT })];
  const { MQTT_TLS_PORT, MQTT_WS_PORT, MQTT_WSS_PORT } = settings;
  if (MQTT_TLS_PORT !== undefined && tls) listeners.push(createListener({ host, port: MQTT_TLS_PORT, tls }));
  if (MQTT_WS_PORT !== undefined) listeners.push(createListener({ host, port: MQTT_WS_PORT, webSocket: true }));
  if (MQTT_WSS_PORT !== undefined && tls)
    listeners.push(createListener({ host, port: MQTT_WSS_PORT, tls, webSocket: true }));
  return { listeners, certificates };
}
