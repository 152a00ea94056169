import { readdirSync } from 'node:fs';
import { reasonOf } from '../../../platform/index.ts';
import type { EvaluationContext } from '../suite.ts';
import { type Heard, hear, readSamples } from './hear.ts';
import { type Recording, readSidecar } from './sidecar.ts';

/** A recording with what the product said of it. */
export interface HeardRecord {
  /** The sidecar's name without its ending; shown to people, and used for nothing else. */
  readonly name: string;
  readonly recording: Recording;
  readonly heard: Heard;
}

export interface HeardFolder {
  readonly records: readonly HeardRecord[];
  /** Records that could not be judged, each with the reason. */
  readonly notRun: readonly string[];
}

/**
 * Feeds every recording of a folder, one after another, so that memory stays flat whatever its size, and writes down the
 * raw answers.
 */
export function hearFolder(suite: string, context: EvaluationContext): HeardFolder {
  const { directory } = context;
  const sidecars = readdirSync(directory)
    .filter((file) => file.endsWith('.json'))
    .toSorted();
  const records: HeardRecord[] = [];
  const notRun: string[] = [];
  sidecars.forEach((file, done) => {
    const name = file.slice(0, -'.json'.length);
    context.progress(done, sidecars.length, name);
    try {
      const recording = readSidecar(directory, file);
      if (recording.orders === undefined) throw new Error('the sidecar gives no geometry of the bearing');
      const heard = slim(hear(recording, readSamples(recording.path)));
      const { fault, confidence, cannotTell } = heard.diagnosis;
      context.predict({
        suite,
        record: name,
        answer: fault ?? (cannotTell ? 'cannot tell' : 'none'),
        score: confidence,
      });
      records.push({ name, recording, heard });
    } catch (error) {
      notRun.push(`${name}: ${reasonOf(error)}`);
    }
  });
  return { records, notRun };
}

/** Without the packed envelope of the last block, which nobody asks for once the recording is over. */
function slim(heard: Heard): Heard {
  return { ...heard, analysis: { ...heard.analysis, trace: null } };
}
