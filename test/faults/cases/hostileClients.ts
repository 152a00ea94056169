import { provedBy } from '../provedBy.ts';

const BROKER = ['ingest/broker/broker.test.ts'];
const ATTACKS = ['ingest/front/attacks.test.ts'];

/** What clients do to the front needs no store; it is proved on the front's own sockets. */
export const hostileClients = [
  provedBy(
    '16',
    'one subscriber’s socket is paused: ended within 5 s, the others hear all',
    BROKER,
    /socket is paused/,
  ),
  provedBy(
    '32',
    '4 × 200 MB before authentication: no memory, closed within 1 s',
    ATTACKS,
    /four sockets that send 200 MB/,
  ),
  provedBy(
    '33',
    'allowed and denied in one SUBSCRIBE, then a reconnect: nothing foreign',
    BROKER,
    /denied filter beside/,
  ),
  provedBy(
    '34',
    'another’s client id, a will on a foreign topic: refused',
    ATTACKS,
    /client id under another|will on a forbidden/,
  ),
  provedBy('35', '1,000 wrong passwords a second: limited, lag < 200 ms', ATTACKS, /wrong passwords a second/),
];
