/** The texts of the product in English. */

import { calendarTime, dayOf } from './days.ts';
import type { Texts } from './zh-CN.ts';

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function day(ms: number, now: number): string {
  const then = calendarTime(ms);
  const ago = dayOf(now) - dayOf(ms);
  if (ago === 0) return 'Today';
  if (ago === 1) return 'Yesterday';
  const date = `${then.day} ${MONTHS[then.month - 1]}`;
  if (then.year !== calendarTime(now).year) return `${date} ${then.year}`;
  return `${WEEKDAYS[then.weekday]} ${date}`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

export const en: Texts = {
  locale: 'en',
  product: 'Lianxin',
  tagline: 'Online party groups for mobile members',
  day,
  clock: (ms) => calendarTime(ms).clock,
  moment: (ms, now) =>
    dayOf(ms) === dayOf(now) ? calendarTime(ms).clock : day(ms, now).replace(/^\w{3} /, ''),
  common: {
    back: 'Back',
    menu: 'Menu',
    close: 'Close',
    cancel: 'Cancel',
    retry: 'Try again',
    refresh: 'Refresh',
    loading: 'Loading…',
    unknown: '—',
    lost: 'The server could not be reached. Check your connection and try again.',
    skip: 'Skip to content',
    denied: 'There is nothing here for you',
    deniedHelp:
      'It may have been moved, or you may not see it. If in doubt, ask your group leader.',
    errorTitle: 'This could not be loaded',
    errorHelp:
      'Check your connection and try again. If it keeps failing, tell your group leader the code below.',
    code: (code) => `Code ${code}`,
    savedAt: (when) => `Offline copy · saved ${when}`,
  },
  tabs: {
    label: 'Main navigation',
    inbox: 'Messages',
    meetings: 'Meetings',
    board: 'Board',
    desk: 'Desk',
    me: 'Me',
  },
  strip: {
    connecting: 'Connecting…',
    offline: (waiting) =>
      waiting > 0
        ? `Offline · you can read; what you write is sent when you are back online (${waiting} waiting)`
        : 'Offline · you can read; what you write is sent when you are back online',
    stale: (when) => `Data as of ${when}`,
    readonly: 'Maintenance: sending is not possible at the moment',
    ended: 'The connection to the server was closed',
    reconnect: 'Reconnect',
  },
  signIn: {
    title: 'Member sign-in',
    phone: 'Phone number',
    phoneHint: 'The 11-digit number registered with your organisation',
    ask: 'Get a code',
    asking: 'Sending…',
    note: 'Number changed or not registered? Contact your group leader or branch secretary.',
    code: 'Code',
    sentSms: (masked) => `If ${masked} is registered, a text message with the code is on its way.`,
    sentCall: (masked) =>
      `If ${masked} is registered, you will get a call that reads out the code.`,
    codeHint: '6 digits, valid for 5 minutes',
    submit: 'Sign in',
    name: 'Name',
    nameHint: 'This number is new here. Please enter your real name.',
    byPassword: 'Use a password',
    submitting: 'Signing in…',
    resend: 'Send a new code',
    resendIn: (seconds) => `Send again (in ${seconds} s)`,
    call: 'Nothing arrived? Call me',
    callIn: (seconds) => `Call me (in ${seconds} s)`,
    other: 'Use another number',
    again: 'Enter your phone number once more to get a new code.',
    ended: {
      expired:
        'Your sign-in has expired. Messages not yet sent are kept and will be sent after you sign in.',
      revoked: 'You signed this device out from another one. What it kept has been erased.',
    },
  },
  inbox: {
    title: 'Messages',
    empty: 'You are not in a party group yet',
    emptyHelp: 'Ask your group leader to add you to the roster.',
    unread: (count) => `${count} unread`,
    many: '99+',
    noMessage: 'No messages yet',
    withdrawn: 'Message withdrawn',
    lastLine: (name, text) => `${name}: ${text}`,
    mentioned: 'Mentioned',
    pick: 'Choose a group on the left',
    you: 'Me',
    members: (count, online) =>
      `${counted(count, 'member', 'members')}${online === null ? '' : ` · ${online} online`}`,
    kinds: {
      party_group: 'Party group',
      branch: 'Branch',
      joint_branch: 'Joint branch',
      inbox: 'Notices',
      delegate_thread: 'Matter with a delegate',
      meeting: 'Meeting',
    },
    kindMarks: {
      party_group: 'G',
      branch: 'B',
      joint_branch: 'J',
      inbox: 'N',
      delegate_thread: 'D',
      meeting: 'M',
    },
  },
  room: {
    log: 'Messages',
    empty: 'No messages yet. Say hello',
    older: 'Earlier messages',
    start: 'This is the beginning',
    unreadLine: 'New messages',
    gap: (missing) =>
      missing === null
        ? 'Messages in between not loaded. Load them'
        : `${counted(missing, 'message', 'messages')} in between not loaded. Load them`,
    below: (count) => counted(count, 'new message', 'new messages'),
    latest: 'To the latest',
    announce: (count) => counted(count, 'new message', 'new messages'),
    announceOne: (name, text) => `${name}: ${text}`,
    leader: 'Leader',
    chair: 'Secretary',
    edited: 'Edited',
    withdrawn: 'Message withdrawn',
    hidden: 'Message hidden',
    joined: (name) => `${name} joined the group`,
    left: (name) => `${name} left the group`,
    retitled: (title) => `The group is now called “${title}”`,
    callStarted: (name) => `${name} started a call`,
    callEnded: (minutes, people) =>
      `The call is over · ${minutes} min · ${counted(people, 'person', 'people')}`,
    attended: (name, minutes) => `${name} ${minutes} min`,
    quoteElsewhere: 'Show the message replied to',
    quoteGone: 'The message replied to was withdrawn',
    someone: 'Member',
    write: 'Write a message',
    send: 'Send',
    replyTo: (name) => `Reply to ${name}`,
    cancelReply: 'Do not reply',
    states: { queued: 'Waiting', sending: 'Sending', sent: '', failed: 'Not sent' },
    resend: 'Send again',
    discard: 'Delete',
    mention: (name) => `Mention ${name}`,
    offered: 'Members to mention',
    failedExpired: 'Offline for more than 7 days, not sent',
    failedNotStored: 'No storage left on this device, not sent',
    actions: 'Message actions',
    copy: 'Copy',
    copied: 'Copied',
    copyFailed: 'Could not copy. Press and hold the text to copy it.',
    reply: 'Reply',
    edit: 'Edit',
    editing: 'Edit message',
    cancelEdit: 'Do not edit',
    save: 'Save',
    withdraw: 'Withdraw',
    changeFailed: 'This did not work. Check your connection and try again.',
    denied: 'You are not in this group',
    deniedHelp: 'Only members can read it. To join, contact the group leader.',
    pinned: 'Pinned message',
    reaction: (emoji, count) => `${emoji} ${count}`,
    toInbox: 'Back to messages',
    longerThan: (max) => `Longer than ${max} characters. Please send it in parts.`,
  },
  info: { title: 'Members' },
  me: {
    title: 'Me',
    size: 'Text size',
    sizes: { std: 'Standard', lg: 'Large', xl: 'Larger', xxl: 'Largest' },
    bigger: 'Large text',
    biggerLabel: 'Large text for elders',
  },
  pages: {
    help: 'Help',
    privacy: 'Privacy',
    rules: 'Rules of use',
    notFound: 'There is no such page',
    notFoundHelp: 'The address may be incomplete, or the page has moved.',
    toHome: 'To the home page',
  },
  refusals: {
    invalid_input: 'Something in the form is not right. Please check it.',
    sign_in_required: 'Your sign-in has expired. Please sign in again.',
    not_allowed: 'You may not do this. If in doubt, ask your group leader.',
    not_found: 'This was not found; it may have been moved.',
    conflict: 'This has just changed. Refresh and try again.',
    too_large: 'This is too large. Please shorten it.',
    too_many_requests: 'Too many attempts. Please wait a moment.',
    unavailable: 'The service is not available right now. Please try again later.',
    unknown_method: 'This page is out of date. Refresh it and try again.',
    not_offered: 'This installation does not offer that.',
    wrong_method: 'This page is out of date. Reload it and try again.',
    code_wrong: 'The code is wrong or has expired. Please check it and try again.',
    phone_invalid: 'This is not a valid number. Please enter 11 digits.',
    second_factor_required: 'Your identity must be confirmed once more.',
    account_disabled: 'The account is closed. Please contact your branch.',
    text_empty: 'Please write something first.',
    text_too_long: 'Longer than 4,000 characters. Please send it in parts.',
    too_late: 'The time for changes is over.',
    message_gone: 'This message was withdrawn.',
    invitation_invalid: 'The invitation is no longer valid. Ask for a new link.',
    password_wrong: 'The number or the password is wrong.',
    second_factor_wrong: 'The code is wrong or was used before. Please wait for the next one.',
    name_required: 'This number is new here. Please give your name.',
    fresh_sign_in_required: 'For safety, please sign in with a code once more.',
    organisation_in_use: 'It still has members or organisations below it.',
    place_not_allowed: 'Such an organisation has no place here.',
    step_not_allowed: 'This step is not possible now. Refresh and look again.',
    reason_required: 'Please give a reason.',
    not_of_branch: 'This person is not a member of the branch yet.',
    name_differs: 'The name is not the one registered with this number.',
    words_not_allowed: 'Change or leave out the words that are not taken here.',
    quorum_missing: 'Fewer are present than are needed.',
    call_waiting: 'Please wait, the host will let you in.',
    call_locked: 'The host locked the call: nobody new comes in. Ask the host.',
    call_full: 'The call is full. Try again when somebody left.',
    call_removed: 'The host did not let you in. You may ask again in a minute.',
    too_many_pictures: 'These are too many pictures.',
    not_a_picture: 'This is not a picture that is taken here.',
    too_many_pixels: 'This picture is too large.',
    picture_unreadable: 'This picture could not be read.',
  },
};
