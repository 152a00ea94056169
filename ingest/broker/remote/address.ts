/** Where the broker is and who we are to it, from `MQTT_URL` and the certificates beside it. */
export interface RemoteAddress {
  host: string;
  port: number;
  secure: boolean;
  /** Set for ws:// and wss://: the URL without credentials. */
  webSocketUrl: string | null;
  username: string | null;
  password: string | null;
  /** For people: the URL without credentials. */
  shown: string;
  certificates: Certificates;
}

/** PEM texts; each may be absent. */
export interface Certificates {
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
}

const PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883, 'ws:': 80, 'wss:': 443 };

/** Takes a checked `MQTT_URL` (mqtt, mqtts, ws, wss) apart. */
export function remoteAddress(url: string, certificates: Certificates = {}): RemoteAddress {
  const { protocol, hostname, port, username, password, pathname, search } = new URL(url);
  const isWebSocket = protocol.startsWith('ws');
  const portNumber = port === '' ? PORTS[protocol]! : Number(port);
  const path = isWebSocket ? `${pathname}${search}` : '';
  const shown = `${protocol}//${hostname}:${portNumber}${path}`;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: portNumber,
    secure: protocol === 'mqtts:' || protocol === 'wss:',
    webSocketUrl: isWebSocket ? shown : null,
    username: username === '' ? null : decodeURIComponent(username),
    password: password === '' ? null : decodeURIComponent(password),
    shown,
    certificates,
  };
}
