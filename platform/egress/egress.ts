import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

export interface ResolvedAddress {
  address: string;
  family: number;
}
export type Resolve = (host: string) => Promise<ResolvedAddress[]>;

/** Why a host may not be reached, in words without secrets. The same host will be refused again. */
export class EgressRefused extends Error {
  override name = 'EgressRefused';
}

/** Guards connections that a tenant's settings cause: they reach the internet, not the inside of our own network. */
export interface Egress {
  /** Refuses a host at once when it is an address that may not be reached. @throws {EgressRefused} */
  checkHost(host: string): void;
  /** Whether the operator has allowed this host by name or address. */
  isAllowListed(host: string): boolean;
  /**
   * Resolves for `net.connect`. The addresses that were checked are the ones that are connected to: a name that
   * resolves differently a moment later (DNS rebinding) gains nothing.
   */
  readonly lookup: LookupFunction;
}

/** Cloud providers answer here with the machine's credentials; link-local ones are covered by their range. */
const METADATA = ['168.63.129.16'];

const systemResolve: Resolve = (host) => systemLookup(host, { all: true });

/**
 * @param allow hosts and CIDR ranges that may be reached although they are private. A host by name never opens
 *   link-local or metadata addresses: only a range that holds them does.
 */
export function createEgress(allow: readonly string[], resolve: Resolve = systemResolve): Egress {
  const ranges = allow.filter((entry) => isRange(entry)).map((entry) => parseRange(entry));
  const hosts = new Set(allow.filter((entry) => !isRange(entry)).map((entry) => entry.toLowerCase()));

  const inRange = (address: string): boolean => {
    const parsed = ipaddr.process(address);
    return ranges.some(([net, bits]) => net.kind() === parsed.kind() && parsed.match(net, bits));
  };
  const mayReach = (host: string, address: string): boolean => {
    if (inRange(address)) return true;
    return hosts.has(host.toLowerCase()) ? !isForbiddenForAll(address) : isPublic(address);
  };
  const refusal = (host: string) =>
    new EgressRefused(
      `${host} leads to a loopback, link-local, private or reserved address; use a public one, or let the operator add it to WEBHOOK_ALLOW`,
    );

  return {
    checkHost: (host) => {
      const literal = host.replace(/^\[|\]$/g, '');
      if (isIP(literal) !== 0 && !mayReach(literal, literal)) throw refusal(host);
    },
    isAllowListed: (host) => {
      const literal = host.replace(/^\[|\]$/g, '');
      return hosts.has(literal.toLowerCase()) || (isIP(literal) !== 0 && inRange(literal));
    },
    lookup: (host, options, callback) => {
      resolve(host).then(
        (addresses) => {
          const [first] = addresses;
          // One forbidden address among good ones is how rebinding is tried: then none is good.
          if (!first || !addresses.every(({ address }) => mayReach(host, address))) {
            return callback(refusal(host), '', 0);
          }
          if (options.all) return callback(null, addresses);
          callback(null, first.address, first.family);
        },
        (error: NodeJS.ErrnoException) => callback(error, '', 0),
      );
    },
  };
}

function isPublic(address: string): boolean {
  const parsed = ipaddr.process(address);
  if (METADATA.includes(parsed.toString()) || parsed.range() !== 'unicast') return false;
  // Only 2000::/3 is routed on the internet; `unicast` also holds forms like ::127.0.0.1.
  return parsed.kind() === 'ipv4' || ((parsed as ipaddr.IPv6).parts[0]! & 0xe000) === 0x2000;
}

function isForbiddenForAll(address: string): boolean {
  const parsed = ipaddr.process(address);
  return METADATA.includes(parsed.toString()) || parsed.range() === 'linkLocal' || parsed.range() === 'unspecified';
}

function isRange(entry: string): boolean {
  return ipaddr.isValid(entry.split('/')[0]!);
}

function parseRange(entry: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (entry.includes('/')) return ipaddr.parseCIDR(entry);
  const address = ipaddr.process(entry);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}
