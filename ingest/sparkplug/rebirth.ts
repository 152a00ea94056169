/** Datatype Boolean. */
const BOOLEAN = 11;

/** A command that asks an edge node for its birth certificates again: `Node Control/Rebirth` = true (§6.4.14). */
export function rebirthCommand(timestampMs: number): Buffer {
  const name = Buffer.from('Node Control/Rebirth');
  const time = varint(BigInt(timestampMs));
  const metric = Buffer.concat([
    Buffer.from([0x0a, name.length]),
    name,
    Buffer.from([0x18]),
    time,
    Buffer.from([0x20, BOOLEAN, 0x70, 1]),
  ]);
  return Buffer.concat([Buffer.from([0x08]), time, Buffer.from([0x12, metric.length]), metric]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    const seven = Number(rest & 0x7fn);
    if (rest < 128n) return Buffer.from([...bytes, seven]);
    bytes.push(seven | 0x80);
  }
}
