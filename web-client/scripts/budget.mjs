/**
 * Measures what a browser loads before the sign-in page and the group chat can be used, and fails
 * when it is more than the design allows. Reads `dist`.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const DIST = join(import.meta.dirname, '../dist');
/** Bytes after gzip, level 9. */
const ENTRY_BYTES_MAX = 85 * 1024;
/** What a call loads beside the entry, the media library above all. */
const CALL_BYTES_MAX = 160 * 1024;
const CALL = 'src/calls.tsx';
const CSS_BYTES_MAX = 10 * 1024;

const manifest = JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8'));

/** Files of a chunk and of everything it imports at once. */
function filesOf(name, seen = new Set()) {
  const chunk = manifest[name];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const css of chunk.css ?? []) seen.add(css);
  for (const imported of chunk.imports ?? []) filesOf(imported, seen);
  return seen;
}

function gzipped(file) {
  return gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length;
}

const files = ['index.html', 'early.js', ...filesOf('index.html')];
const sizes = files.map((file) => [file, gzipped(file)]);
const entry = sizes.reduce((sum, [, size]) => sum + size, 0);
const css = sizes
  .filter(([file]) => file.endsWith('.css'))
  .reduce((sum, [, size]) => sum + size, 0);

for (const [file, size] of sizes) console.log(`${String(size).padStart(7)} ${file}`);
console.log(`${String(entry).padStart(7)} entry, at most ${ENTRY_BYTES_MAX}`);
console.log(`${String(css).padStart(7)} of it CSS, at most ${CSS_BYTES_MAX}`);
const beside = [...filesOf(CALL)].filter((file) => !files.includes(file));
const call = beside.reduce((sum, file) => sum + gzipped(file), 0);
console.log(`${String(call).padStart(7)} a call, at most ${CALL_BYTES_MAX}`);
if (call === 0 || call > CALL_BYTES_MAX) {
  console.error('over the byte budget of a call');
  process.exitCode = 1;
}
if (entry > ENTRY_BYTES_MAX || css > CSS_BYTES_MAX) {
  console.error('over the byte budget of the entry');
  process.exitCode = 1;
}
