import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BlastRadius } from '../impact/blastRadius.ts';
import { projectionOf } from '../impact/projectionBuilder.ts';
import { failures, graph, NOW_MS } from '../impact/randomGraph.fixture.ts';
import { whatIf } from '../impact/whatIf.ts';
import { verdictText, whatIfText } from './verdictText.ts';

const asWritten = (answer: object) => JSON.parse(JSON.stringify(answer));

it('is the JSON of the answer, for any graph and as often as it is asked', () => {
  fc.assert(
    fc.property(graph, failures, failures, (known, failed, notOk) => {
      const radius = new BlastRadius(projectionOf(1n, known.nodes, known.edges));
      const options = { affectedLimit: 5, nowMs: NOW_MS };
      const health = { version: '1', notOk };
      const there = failed.filter(({ ciId }) => radius.projection.find(ciId) !== undefined);
      for (let time = 0; time < 2; time += 1) {
        const verdict = radius.verdict(there, health, options);
        expect(JSON.parse(verdictText(verdict))).toEqual(asWritten(verdict));
        const supposed = whatIf(radius, health, { failed: there, restored: [] }, options);
        expect(JSON.parse(whatIfText(supposed))).toEqual(asWritten(supposed));
      }
    }),
    { seed: 20_261_122, numRuns: 150 },
  );
});
