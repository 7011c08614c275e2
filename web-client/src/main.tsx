import './shims.ts';
import './ui/tokens.css';
import './ui/base.css';
import './ui/shell.css';
import './ui/entry.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { startNetwork } from './platform/network.ts';
import { startOffline } from './platform/offline.ts';
import { startScreen } from './platform/screen.ts';
import { startLook } from './settings/look.ts';
import { startState } from './state.ts';

startLook();
startNetwork();
startScreen();
startState();

const root = document.getElementById('app');
if (root) render(<App />, root);
startOffline();
