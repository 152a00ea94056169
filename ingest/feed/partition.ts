/** The partition of a point: FNV-1a over tenant and key, so that every process agrees and neighbours spread. */
export function partitionOf(tenantId: string, pointKey: string, partitions: number): number {
  if (tenantId !== lastTenant.id) lastTenant = { id: tenantId, hash: fnv(0x811c9dc5, `${tenantId}/`) };
  return (fnv(lastTenant.hash, pointKey) >>> 0) % partitions;
}

/** Most calls are for the tenant of the call before: its part of the hash is kept. */
let lastTenant = { id: '', hash: 0 };

function fnv(start: number, text: string): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash;
}
