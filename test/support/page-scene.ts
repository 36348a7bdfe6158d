import { at, auditYear, createScene, DAY, decideYear, type Scene, submitYear } from './scene.ts';

/** A name made to fool the reader of a page: markup, a text direction, an escape sequence, a line break. */
export const HOSTILE_NAME = '<img src=x onerror=alert(1)></script>\u202egnp.exe\u001b[31m\nCHECKED';

/** Two years of a plant, audited by its supplier and certified; a third organisation has a hostile name. */
export function createPageScene(): Scene {
  const scene = createScene();
  submitYear(scene, '2024', '1000', '100');
  auditYear(scene, '2024');
  submitYear(scene, '2025', '900', '100');
  auditYear(scene, '2025');
  scene.world.join(HOSTILE_NAME);
  scene.world.time = at('2026') + 40 * DAY;
  scene.world.broadcast();
  decideYear(scene, '2025');
  return scene;
}
