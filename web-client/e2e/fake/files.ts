/** The built files over HTTP, as the hub sends them; for what a routed page can not do. */

import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const DIST = join(import.meta.dirname, '../../dist');

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/** What the hub sends with every page, and the stricter rule that the client is ready for. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
  "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'";

interface BuiltFile {
  body: Buffer;
  headers: Record<string, string>;
}

/** The file behind a path; pages are the start page. */
export function builtFile(path: string): BuiltFile | null {
  const name = extname(path) ? path : '/index.html';
  const file = join(DIST, name);
  if (!existsSync(file)) return null;
  const type = TYPES[extname(name)] ?? 'application/octet-stream';
  return {
    body: readFileSync(file),
    headers: { 'content-type': type, 'content-security-policy': CSP },
  };
}

/** A server of the files on a port of its own; everything else is not there. */
export async function serveFiles(): Promise<{ origin: string; server: Server }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = pathname.startsWith('/api/') ? null : builtFile(pathname);
    response.writeHead(file ? 200 : 404, file?.headers);
    response.end(file?.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://localhost:${port}`, server };
}
