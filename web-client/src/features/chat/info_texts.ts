/** The texts of the list of members. */

import { inLanguage } from '../../i18n/texts.ts';

const zh = {
  members: (count: number) => `群成员（${count}人）`,
  you: '（我）',
};

const en: typeof zh = {
  members: (count) => `Members (${count})`,
  you: '(me)',
};

export const infoTexts = () => inLanguage(zh, en);
