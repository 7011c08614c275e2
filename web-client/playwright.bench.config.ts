import { defineConfig } from '@playwright/test';
import tests from './playwright.config.ts';

export default defineConfig({
  ...tests,
  testDir: 'bench',
  testMatch: '*.bench.ts',
  // One at a time: a second browser would take the first one's processor.
  fullyParallel: false,
  workers: 1,
  timeout: 600_000,
});
