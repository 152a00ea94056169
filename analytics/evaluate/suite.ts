/** What a bar says of a measured figure. A case whose data is absent was not run, which is no verdict. */
export type Verdict = 'met' | 'missed' | 'not run';

/** One line of the table: a figure of ours beside a published or measured one, and the bar it has to reach. */
export interface EvaluationRow {
  suite: string;
  case: string;
  /** The figure, or how many of how many (`41 of 60`); null when the case was not run. */
  ours: number | string | null;
  reference: string;
  bar: string;
  verdict: Verdict;
  /** What a reader must know to trust the figure: counts, what was absent, what fails. */
  note: string;
}

/** The raw answer for one record or one sample, written out so that anyone can score it again without our code. */
export interface Prediction {
  suite: string;
  /** File, or file and bearing, that the answer is about, as found in the data directory. */
  record: string;
  /** Index of the sample or acquisition within the record; absent when the answer is for the whole record. */
  index?: number;
  /** Time stamp as the record writes it, where it has one. */
  time?: string;
  /** The answer: a fault's name, `alarm`, a class, `cannot tell`; or none for a pure score. */
  answer?: string;
  /** Its score, probability, remaining life, … in the unit that the suite's README states. */
  score?: number;
}

/** What a suite is given. Everything that it reads lies under `directory`. */
export interface EvaluationContext {
  /** The suite's own folder of the data directory; suites without data get the data directory itself. */
  readonly directory: string;
  /** Tells how far the suite is; drawn as a bar where a person looks. */
  progress(done: number, total: number, what: string): void;
  predict(prediction: Prediction): void;
  /** Keeps a picture (one SVG document) for the documentation; `name` becomes the file's name. */
  figure(name: string, svg: string): void;
}

/** One benchmark: how recordings of a kind are read, fed to the product's own code, and scored. */
export interface Suite {
  readonly name: string;
  /** Folder of the data directory that must exist; null for a suite that needs no recordings. */
  readonly folder: string | null;
  /** The rows of the table when the folder is absent, each `not run`, so that nothing vanishes silently. */
  readonly cases: readonly Pick<EvaluationRow, 'case' | 'reference' | 'bar'>[];
  /**
   * Runs all cases with one fixed configuration. A record that cannot be read is reported in a row's note, never
   * thrown, unless nothing could be read.
   */
  run(context: EvaluationContext): Promise<EvaluationRow[]>;
}
