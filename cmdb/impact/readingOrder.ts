import { DependentLists, HARD_WORDS, ROW_HEAD, type Words } from './dependentLists.ts';

/**
 * An order of CIs in which those that fail together stand together: breadth first along dependents, from the CI with
 * the most dependents on. A blast radius then reads memory mostly forwards; on a graph of 100k CIs whose order is random
 * it is several times as fast.
 *
 * @param count CIs, numbered from 0
 * @returns the place of each CI
 */
export function readingOrder(count: number, edges: number, providers: Words, dependents: Words): Words {
  const lists = DependentLists.from(count, edges, providers, dependents, new Int32Array(edges).fill(-1));
  const { start, words } = lists;
  const degree = (node: number) => words[start[node]! + HARD_WORDS]!;
  const byDegree = Int32Array.from({ length: count }, (_, node) => node).sort((a, b) => degree(b) - degree(a));
  const found = new Uint8Array(count);
  const queue = new Int32Array(count);
  let tail = 0;
  let head = 0;
  for (const first of byDegree) {
    if (found[first] === 1) continue;
    found[first] = 1;
    queue[tail++] = first;
    for (; head < tail; head += 1) {
      const first = start[queue[head]!]! + ROW_HEAD;
      const last = first + words[first - ROW_HEAD + HARD_WORDS]!;
      for (let i = first; i < last; i += 1) {
        const v = words[i]!;
        if (found[v] === 1) continue;
        found[v] = 1;
        queue[tail++] = v;
      }
    }
  }
  return leavesLast(count, queue, degree);
}

function leavesLast(count: number, order: Words, degree: (node: number) => number): Words {
  const place = new Int32Array(count);
  let next = 0;
  for (const node of order) if (degree(node) > 0) place[node] = next++;
  for (const node of order) if (degree(node) === 0) place[node] = next++;
  return place;
}
