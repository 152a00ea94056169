/** The partition of a point: FNV-1a over tenant and key, so that every process agrees and neighbours spread. */
export function partitionOf(tenantId: string, pointKey: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (const text of [tenantId, '/', pointKey]) {
    for (let i = 0; i < text.length; i++) {
      hash ^= text.charCodeAt(i);
      hash = Math.imul(hash, 0x01000193);
    }
  }
  return (hash >>> 0) % partitions;
}
