import { readFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';
import { expect, it } from 'vitest';

it('the types are those of the checked-in contract (npm run generate)', async () => {
  const contract = new URL('../../../signaling/schema/openapi.json', import.meta.url);
  const types = astToString(await openapiTS(contract));
  const kept = readFileSync(new URL('schema.gen.ts', import.meta.url), 'utf8');
  // The command line puts its own heading above the types.
  expect(kept.slice(kept.indexOf('export interface paths'))).toBe(types);
});
