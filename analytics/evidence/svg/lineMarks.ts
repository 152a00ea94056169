import type { EvidenceCard } from '../card.ts';
import type { Mark } from './spectrumPanel.ts';

type Line = EvidenceCard['harmonics'][number];

/** Symbols of the frequencies that faults show at; a ball strikes both races, hence twice its spin. */
const LINE_NAMES: Partial<Record<EvidenceCard['fault'], string>> = {
  outer: 'BPFO',
  inner: 'BPFI',
  ball: '2×BSF',
  cage: 'FTF',
  gear: 'GMF',
  electrical: '2×mains',
};

/** The lines that name a fault, as marks on a spectrum: harmonics with order, frequency and level, sidebands without words. */
export function lineMarks(
  fault: EvidenceCard['fault'],
  harmonics: readonly Line[],
  sidebands: readonly Line[],
): Mark[] {
  // A rolling element that differs shows at the cage's rate, long before its own.
  const name = fault === 'ball' && (harmonics[0]?.order ?? 1) < 0.6 ? LINE_NAMES.cage : LINE_NAMES[fault];
  return [
    ...harmonics.map((line, i) => ({
      hz: line.hz,
      label: `${name ? `${i + 1}×${name}` : `${Number(line.order.toFixed(2))}×`} ${line.hz.toFixed(1)} Hz · ${line.snrDb.toFixed(0)} dB`,
      kind: 'harmonic' as const,
    })),
    ...sidebands.map(({ hz }) => ({ hz, label: '', kind: 'sideband' as const })),
  ];
}
