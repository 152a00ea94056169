/** An import of machines that rest on one another, without a random number: the same size and note give the same graph. */
export function layersOf(size: number, attributes: Readonly<Record<string, number>>) {
  const cis = Array.from({ length: size }, (_, at) => ({
    ...{ key: `srv-${at}`, type: 'server', name: `Server ${at}`, attributes },
  }));
  const relations = cis.slice(1).flatMap(({ key }, index) => {
    const under = [...new Set([Math.floor(index / 3), Math.floor(index / 5)])];
    return under.map((at) => ({ from: key, type: 'DEPENDS_ON', to: `srv-${at}` }));
  });
  return { cis, relations };
}
