// Vitest's part: the suite, with us as an external package, which is what a user has.
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import * as ours from '../../index.js';

const { SUITE } = createRequire(import.meta.url)('./ports.js');

for (const [title, holds] of Object.entries(SUITE)) test(title, async () => expect(await holds(() => ours)).toBe(true));
