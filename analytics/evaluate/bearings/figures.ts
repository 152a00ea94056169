import { heardEnvelope } from '../../diagnosis/index.ts';
import { say } from '../../evidence/findings/say.ts';
import { lineMarks } from '../../evidence/svg/lineMarks.ts';
import { heading, page } from '../../evidence/svg/page.ts';
import { spectrumPanel } from '../../evidence/svg/spectrumPanel.ts';
import { decibels, thinSpectrum } from '../../evidence/thin.ts';
import { FAULT_WORDS } from '../../evidence/wording.ts';
import type { EvaluationContext } from '../suite.ts';
import type { HeardRecord } from './records.ts';

const WIDTH = 980;
const EDGE = 20;
const POINTS = 900;

/** One picture for each kind of fault that was named rightly: of its surest record. */
export function drawFound(suite: string, context: EvaluationContext, records: readonly HeardRecord[]): void {
  const found = records.filter(({ recording, heard }) => heard.diagnosis.fault === recording.label);
  for (const [label, list] of Object.entries(Object.groupBy(found, ({ recording }) => recording.label ?? ''))) {
    const surest = list!.reduce((a, b) => (b.heard.diagnosis.confidence > a.heard.diagnosis.confidence ? b : a));
    context.figure(`${suite}-${label}`, drawRecord(suite, surest));
  }
}

/** Spectrum and envelope spectrum of one recording beneath each other, with the lines that name its fault. */
export function drawRecord(suite: string, { name, recording, heard }: HeardRecord): string {
  const { diagnosis, analysis, state, facts } = heard;
  const fault = diagnosis.fault === null ? 'no fault named' : FAULT_WORDS[diagnosis.fault].en;
  const title = `${suite} ${name}: ${fault}`;
  const marks = diagnosis.fault === null ? [] : lineMarks(diagnosis.fault, diagnosis.harmonics, diagnosis.sidebands);
  const endHz = 1.15 * Math.max(...marks.map(({ hz }) => hz), 5 * ((state.speedRpm ?? 0) / 60), 100);
  const speed = state.speedRpm === null ? 'no speed given' : `${state.speedRpm.toFixed(0)} r/min`;
  const caption = `${recording.samplingRateHz} Hz, ${speed}, confidence ${diagnosis.confidence.toFixed(2)}. ${say(diagnosis.reason).en}`;
  const head = heading(title, caption, WIDTH);
  const top = head.bottom + 2;
  const panel = { x: EDGE, width: WIDTH - 2 * EDGE };
  const unit = recording.unit === 'g' ? 'g²/Hz' : `(${recording.unit.replace('s2', 's²')})²/Hz`;
  const spectrum = thinSpectrum(analysis.psd, recording.samplingRateHz / 2, POINTS, unit, decibels);
  const envelope = thinSpectrum(heardEnvelope(state, facts) ?? analysis.envelope, endHz, POINTS, 'dB', decibels);
  const height = top + 220 + 14 + 250 + EDGE;
  return page(
    title,
    WIDTH,
    height,
    head.svg,
    spectrumPanel(
      { ...panel, y: top, height: 220 },
      'Spectrum of the last block 频谱',
      { label: `dB re 1 ${unit}` },
      spectrum,
      [],
    ),
    spectrumPanel(
      { ...panel, y: top + 234, height: 250 },
      'Pre-whitened envelope spectrum 包络谱 · ▲ sidebands 边带',
      { label: 'over noise (dB)', low: -3 },
      envelope,
      marks,
    ),
  );
}
