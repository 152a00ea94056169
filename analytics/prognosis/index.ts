export {
  FLEET_SETTINGS,
  type FleetLife,
  type FleetLifeModel,
  type FleetSettings,
  foretellFleetLife,
  learnFleetLife,
} from './fleet/fleetLife.ts';
export type { Course } from './fleet/lifeFeatures.ts';
export { type DegradationPath, extend, newPath } from './point/degradation.ts';
export {
  LIFE_SETTINGS,
  type LifeSettings,
  type RemainingLife,
  remainingLife,
  type Withheld,
} from './point/remainingLife.ts';
