import { type Profiler, Session } from 'node:inspector/promises';

/** Samples this process while `work` runs. @returns share of the CPU time (0..1) by the label that `labelOf` gives a frame */
export async function cpuShares(
  work: () => Promise<unknown>,
  labelOf: (frame: { url: string; functionName: string }) => string,
): Promise<{ label: string; share: number }[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 500 });
  await session.post('Profiler.start');
  await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return sharesOf(profile, labelOf);
}

function sharesOf(
  profile: Profiler.Profile,
  labelOf: (frame: { url: string; functionName: string }) => string,
): { label: string; share: number }[] {
  const labels = new Map(profile.nodes.map(({ id, callFrame }) => [id, labelOf(callFrame)]));
  const counts = new Map<string, number>();
  let total = 0;
  for (const id of profile.samples ?? []) {
    const label = labels.get(id)!;
    if (label === 'idle') continue;
    total++;
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return [...counts].map(([label, count]) => ({ label, share: count / total })).sort((a, b) => b.share - a.share);
}
