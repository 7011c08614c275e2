import type { Prose } from './prose.ts';

export const proseEn: Prose = {
  help: [
    { title: 'Signing in' },
    {
      steps: [
        'Open the home page and choose “Member sign-in”.',
        'Enter the phone number registered with your organisation and choose “Get a code”.',
        'Type the 6 digits of the text message. You are signed in at once.',
        'If nothing arrives within a minute, choose “Nothing arrived? Call me”: a call reads the code out.',
      ],
    },
    'If the page closes while you look at the text message, open the sign-in page again and type the code.',
    { title: 'Reading and writing' },
    {
      points: [
        'Under “Messages” you find your groups, the latest activity first. The red number counts unread messages.',
        'In a group, what you have not read stands below “New messages”.',
        'Write at the bottom and choose “Send”.',
        'The three dots of a message let you reply or copy it.',
      ],
    },
    { title: 'Meetings and calls' },
    {
      points: [
        'Under “Meetings” you find the notices sent to you: say whether you come, and sign in when it is time. Everyone sees how many are there.',
        'When a call of your group goes on, “Join the call” stands above the messages. Microphone and camera are off until you turn them on.',
        'On a weak link pictures stop first and sound goes on.',
      ],
    },
    { title: 'Without a network' },
    'What you have read stays readable. What you write is marked “Waiting” and is sent when you are back online, once and in order, even if you close the page.',
    { title: 'Text too small' },
    'Choose “Large text” on the sign-in page, or one of four sizes under “Me”. Dark and high-contrast colours are there as well.',
    { title: 'New number, no code' },
    'Ask your group leader or branch secretary to change the number in the roster.',
  ],
  privacy: [
    'What this system keeps, what it is used for, who can see it, and your rights.',
    { title: 'What is kept' },
    {
      points: [
        'Identity: name, phone number, branch, group, post. The phone number is stored encrypted.',
        'What you write: messages, posts, matters for a delegate, and their times.',
        'Meetings and calls: your answers, sign-in, open votes, minutes; who took part in a call and when. Sound and pictures are carried, never recorded or kept.',
        'Use: devices and times of sign-in, and how far you have read. Members of a group can see who has read a message.',
      ],
    },
    'No address book, position or photo library is collected. There is no advertising or tracking code.',
    { title: 'What it is used for' },
    'Only for the life of the organisation and its work for the public: messages, meetings, attendance, posts and matters. It is not passed on to others.',
    { title: 'Who can see it' },
    {
      points: [
        'Messages of a group: its members only.',
        'Published posts: everyone, with the name you chose. Posts not for the public: you and those who handle them.',
        'Matters for a delegate: you and that delegate. What goes on to an office you read and agree to first; when a term or a thread is ended, the liaison office takes over.',
        'Meetings: those on the roll and the superior organisation see sign-ins, open votes and minutes.',
        'Administrators maintain organisations and rosters and can not read messages or matters for a delegate.',
        'Phone numbers are shown with their middle digits hidden.',
      ],
    },
    { title: 'Where and how long' },
    'On the servers of the operator of this system. Your phone keeps recent messages for reading offline; signing out deletes them.',
    { title: 'Your rights' },
    'You can see and correct your data, withdraw your own messages within two minutes, and ask how data are used. Please turn to your branch.',
  ],
  rules: [
    'Please keep to these rules so that online groups stay orderly and safe.',
    { title: 'Nothing classified' },
    'Do not send state secrets, work secrets or papers marked “internal”, in text, photo or screenshot.',
    { title: 'Your own account' },
    {
      points: [
        'The account is yours alone. Tell nobody your code; staff will never ask for it.',
        'Sign out on the old phone before you change phones.',
      ],
    },
    { title: 'Be considerate' },
    {
      points: [
        'Keep to the life and work of the organisation, and respect others.',
        'No advertising and no links that have nothing to do with it.',
        'A message sent by mistake can be withdrawn within two minutes.',
      ],
    },
    { title: 'Moderation' },
    'A message against the rules can be hidden by the leader or secretary with a reason. It then reads “Message hidden”. Objections go to your branch.',
  ],
};
