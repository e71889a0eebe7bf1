import { expect, test } from 'vitest';
import { relationOf } from '../../daemon/detection/relation.ts';

const standing = { seen: false, known: false, newExchanger: false, delivered: false, strangeGroups: 0 };

test.each([
  ['N', standing],
  ['N', { ...standing, strangeGroups: 9 }],
  ['N', { ...standing, newExchanger: true }],
  ['O', { ...standing, seen: true, strangeGroups: 1 }],
  ['O', { ...standing, seen: true, strangeGroups: 2 }],
  ['A', { ...standing, seen: true, strangeGroups: 3 }],
  ['O', { ...standing, seen: true, delivered: true, strangeGroups: 9 }],
  ['A', { ...standing, seen: true, strangeGroups: 1, newExchanger: true }],
  ['A', { ...standing, seen: true, delivered: true, newExchanger: true }],
  ['K', { ...standing, seen: true, known: true, strangeGroups: 9 }],
  ['K', { ...standing, seen: true, known: true, newExchanger: true }],
  ['K', { ...standing, known: true }],
] as const)('%s: %o', (relation, given) => {
  expect(relationOf(given)).toBe(relation);
});
