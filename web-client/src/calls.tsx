/** What needs the media library, in one part: the call, and the check before it. */

export { CallPage, GuestPage } from './features/calls/CallPage.tsx';
export { CheckPage } from './features/calls/CheckPage.tsx';
