import type { Condition, MachineDesign } from './machine.ts';
import type { Random } from './random.ts';
import type { ShaftMotion } from './shaftAngle.ts';

const GRAVITY = 9.80665;

/**
 * Adds what repeats with every tooth and vane, in m/s²: gear mesh and its second harmonic, modulated once per turn (a
 * damaged tooth deepens the modulation, which raises the sidebands first), and the pressure pulse of vanes or blades.
 */
export function addMeshing(
  samples: Float64Array,
  design: MachineDesign,
  condition: Condition,
  motion: ShaftMotion,
  bandHz: number,
  random: Random,
): void {
  const load = condition.loadPercent / 100;
  const speed = condition.speedRpm / design.ratedRpm;
  let damage = 0;
  for (const defect of condition.defects) if (defect.kind === 'gear') damage = Math.max(damage, defect.severity);
  const teeth = design.gearTeeth ?? 0;
  const vanes = design.vanes ?? 0;
  const meshInBand = teeth > 0 && teeth * motion.peakHz < bandHz;
  const secondInBand = teeth > 0 && 2 * teeth * motion.peakHz < bandHz;
  const mesh = meshInBand ? GRAVITY * 0.09 * load * speed * (1 + 1.2 * damage) : 0;
  const second = secondInBand ? mesh * (0.35 + 0.5 * damage) : 0;
  const amplitudeModulation = 0.06 + 0.8 * damage;
  const phaseModulation = 0.02 + 0.5 * damage;
  const vane = vanes > 0 && vanes * motion.peakHz < bandHz ? GRAVITY * 0.02 * load * speed * speed : 0;
  const meshPhase = random.between(0, 2 * Math.PI);
  const vanePhase = random.between(0, 2 * Math.PI);
  if (mesh === 0 && vane === 0) return;
  for (let i = 0; i < samples.length; i++) {
    const angle = motion.angleRad[i]!;
    let value = vane === 0 ? 0 : vane * Math.cos(vanes * angle + vanePhase);
    if (mesh !== 0) {
      const meshAngle = teeth * angle + meshPhase + phaseModulation * Math.sin(angle);
      value +=
        (1 + amplitudeModulation * Math.cos(angle)) * (mesh * Math.cos(meshAngle) + second * Math.cos(2 * meshAngle));
    }
    samples[i]! += value;
  }
}
