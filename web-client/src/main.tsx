import './shims.ts';
import './ui/tokens.css';
import './ui/base.css';
import './ui/shell.css';
import './ui/entry.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { startNetwork } from './platform/network.ts';
import { startScreen } from './platform/screen.ts';
import { startLook } from './settings/look.ts';
import { startState } from './state.ts';

startLook();
startNetwork();
startScreen();

// What this device keeps stands in the first paint.
void startState().then(() => {
  const root = document.getElementById('app');
  if (root) render(<App />, root);
  // After everything else: on a weak link nothing may stand before the first screen.
  const offline = () => void import('./platform/offline.ts').then((part) => part.startOffline());
  if (document.readyState === 'complete') offline();
  else addEventListener('load', offline);
});
