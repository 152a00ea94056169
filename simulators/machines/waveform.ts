import { addBearingImpacts } from './bearingImpacts.ts';
import { type Acquisition, type Condition, isBearingDefect, type MachineDesign, type Sensor } from './machine.ts';
import { addMagneticPull } from './magneticPull.ts';
import { addMeshing } from './meshing.ts';
import { addFriction, addLineHum, addNoise } from './noise.ts';
import { Random } from './random.ts';
import { shaftMotion } from './shaftAngle.ts';
import { addShaftHarmonics, shaftVelocitiesMmS } from './shaftHarmonics.ts';

export const GRAVITY = 9.80665;
/** The anti-alias filter of a sensor passes this share of the sampling rate. */
const USABLE_BAND = 0.42;
/** What a still machine's sensor reads: its own noise and the floor's hum, g RMS. */
const STANDSTILL_NOISE_G = 0.002;
const LINE_HUM_G = 0.004;

/** A recorded acceleration, with what the machine's tachometer read. */
export interface Waveform {
  /** Acceleration in g. */
  samples: Float32Array;
  speedRpm: number;
}

/**
 * Records the acceleration of a machine at one sensor. Equal arguments give equal samples.
 *
 * @remarks about 2 ms for 16,384 samples; allocates two arrays of that length.
 */
export function recordWaveform(
  design: MachineDesign,
  sensor: Sensor,
  condition: Condition,
  acquisition: Acquisition,
): Waveform {
  const random = new Random(design.seed, sensor.bearing, sensor.axis, acquisition.take);
  const bandHz = USABLE_BAND * acquisition.samplingRateHz;
  const acceleration = new Float64Array(acquisition.sampleCount);
  const motion = shaftMotion(condition, acquisition, random);
  const running = condition.speedRpm > 0 || (condition.endSpeedRpm ?? 0) > 0;
  if (running) {
    addShaftHarmonics(acceleration, shaftVelocitiesMmS(design, sensor, condition), motion, bandHz, random);
    addMeshing(acceleration, design, condition, motion, bandHz, random);
    for (const defect of condition.defects) {
      if (!isBearingDefect(defect) || defect.severity <= 0) continue;
      addBearingImpacts(acceleration, design, defect, sensor, condition, acquisition, motion, bandHz, random);
    }
    addMagneticPull(acceleration, design, sensor, condition, acquisition.samplingRateHz, random);
    const friction = frictionG(design, condition);
    if (friction > 0) addFriction(acceleration, GRAVITY * friction, random);
    addLineHum(acceleration, GRAVITY * LINE_HUM_G, design.lineHz, acquisition.samplingRateHz, random);
  }
  addNoise(acceleration, GRAVITY * noiseG(design, condition), acquisition.samplingRateHz, random);
  const samples = new Float32Array(acquisition.sampleCount);
  for (let i = 0; i < samples.length; i++) samples[i] = acceleration[i]! / GRAVITY;
  return { samples, speedRpm: motion.meanRpm };
}

/** Hiss of a bearing whose film has become too thin, g RMS. */
function frictionG({ noiseG, ratedRpm }: MachineDesign, { defects, speedRpm }: Condition): number {
  let worst = 0;
  for (const defect of defects) if (defect.kind === 'lubrication') worst = Math.max(worst, defect.severity);
  return (10 * noiseG * worst * speedRpm) / ratedRpm;
}

/** Noise of flow, friction and sensor, g RMS: grows with speed and load, and late with a bearing's wear. */
function noiseG(design: MachineDesign, condition: Condition): number {
  if (condition.speedRpm === 0) return STANDSTILL_NOISE_G;
  const speed = condition.speedRpm / design.ratedRpm;
  let wear = 0;
  for (const defect of condition.defects) if (isBearingDefect(defect)) wear = Math.max(wear, defect.severity);
  return STANDSTILL_NOISE_G + design.noiseG * speed * (0.5 + 0.5 * (condition.loadPercent / 100)) * (1 + 5 * wear ** 3);
}
