/** Every screen in every look: rules of accessibility, room for the text, size of the targets. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { CODE, card, invited, joining, leads } from './fake/leading.ts';
import {
  atMeetingDesk,
  called,
  calledToNone,
  inside,
  MEETING,
  meeting,
  minutes,
  openVote,
  VOTE,
  withMinutes,
} from './fake/meetings.ts';
import { atClosedDesk, atDesk, BRANCH_ID, withoutFactor } from './fake/officers.ts';
import { ROOM, village } from './fake/people.ts';
import { type FakeSite, ORIGIN } from './fake/site.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const SIZES = ['std', 'lg', 'xl', 'xxl'] as const;
const THEMES = ['light', 'dark', 'contrast'] as const;

interface Screen {
  name: string;
  path: string;
  signedIn: boolean;
  /** What the hub answers beside the village's talk. */
  hub?(site: FakeSite): void;
  /** Bring the screen into the state that is looked at. */
  reach?(page: Page, site: FakeSite): Promise<void>;
}

async function codeStep(page: Page): Promise<void> {
  await page.getByLabel('手机号').fill('13800010001');
  await page.getByRole('button', { name: '获取验证码' }).click();
  await page.getByLabel('验证码').fill('000000');
  await page.getByRole('alert').waitFor();
}

async function password(page: Page): Promise<void> {
  await page.getByRole('button', { name: '用密码登录' }).click();
  await page.getByLabel('密码').waitFor();
}

function consent(site: FakeSite): void {
  Object.assign(site.me, { consents_due: ['privacy', 'rules'] });
  const consents = ['privacy', 'rules'].map((document) => ({ document, version: '2026-11-01' }));
  site.answers.set('GET /api/me/consents', { consents });
}

async function bubbles(page: Page): Promise<void> {
  await page.getByRole('article').first().waitFor();
}

async function menuOf(page: Page): Promise<void> {
  await bubbles(page);
  await page.getByRole('button', { name: '消息操作' }).first().click();
  await page.getByRole('dialog').waitFor();
}

async function accepting(page: Page): Promise<void> {
  await page.getByRole('button', { name: '同意加入' }).click();
  await page.getByRole('dialog').waitFor();
}

async function noting(page: Page): Promise<void> {
  await page.getByRole('button', { name: '记一次联系' }).first().click();
  await page.getByRole('dialog').waitFor();
}

async function stayingAway(page: Page): Promise<void> {
  await page.getByRole('button', { name: '请假' }).click();
  await page.getByRole('dialog').waitFor();
}

async function checking(page: Page): Promise<void> {
  await page.getByRole('radio', { name: '赞成' }).check({ force: true });
  await page.getByRole('button', { name: '下一步：核对' }).click();
  await page.getByRole('button', { name: '提交' }).waitFor();
}

async function callingVote(page: Page): Promise<void> {
  await page.getByRole('button', { name: '发起表决' }).click();
  await page.getByRole('dialog').waitFor();
}

async function unfolded(page: Page): Promise<void> {
  for (const summary of await page.locator('summary').all()) await summary.click();
}

async function preparing(page: Page): Promise<void> {
  for (const name of ['增加一项', '增加分会场', '增加一人', '保存并核对名单']) {
    await page.getByRole('button', { name }).click();
  }
  await page.getByRole('alert').waitFor();
}

async function signing(page: Page): Promise<void> {
  await page.getByRole('button', { name: '签字' }).click();
  await page.getByRole('dialog').waitFor();
}

async function editing(page: Page): Promise<void> {
  await page.getByRole('button', { name: '整理会议记录' }).click();
  await page.getByLabel('会议记录正文').waitFor();
}

const meet = `/meet/${MEETING}`;
const deskMeet = `/desk/meet/${MEETING}`;

async function begun(page: Page): Promise<void> {
  await page.getByRole('button', { name: '开始绑定' }).click();
  await page.getByRole('img', { name: '绑定用的二维码' }).waitFor();
}

async function offline(page: Page, site: FakeSite): Promise<void> {
  await bubbles(page);
  site.cut();
  await page.context().setOffline(true);
  await page.getByRole('textbox', { name: '输入消息' }).fill('晚点再看');
  await page.getByRole('button', { name: '发送', exact: true }).click();
  await page.getByText('待发送').waitFor();
}

const screens: Screen[] = [
  { name: 'home', path: '/', signedIn: false },
  { name: 'sign-in', path: '/signin', signedIn: false },
  { name: 'code refused', path: '/signin', signedIn: false, reach: codeStep },
  { name: 'password', path: '/signin', signedIn: false, reach: password },
  { name: 'consent', path: '/inbox', signedIn: true, hub: consent },
  { name: 'inbox', path: '/inbox', signedIn: true },
  { name: 'room', path: `/r/${ROOM}`, signedIn: true, reach: bubbles },
  { name: 'message menu', path: `/r/${ROOM}`, signedIn: true, reach: menuOf },
  { name: 'room offline', path: `/r/${ROOM}`, signedIn: true, reach: offline },
  { name: 'not a member', path: '/r/0199a000-0000-7000-8000-0000000000ff', signedIn: true },
  { name: 'members', path: `/r/${ROOM}/info`, signedIn: true },
  { name: 'before a call', path: `/r/${ROOM}/call`, signedIn: true },
  { name: 'leader', path: `/r/${ROOM}/info`, signedIn: true, hub: leads },
  { name: 'invite', path: `/r/${ROOM}/invite`, signedIn: true, hub: leads },
  { name: 'requests', path: `/r/${ROOM}/joins`, signedIn: true, hub: leads },
  { name: 'accept', path: `/r/${ROOM}/joins`, signedIn: true, hub: leads, reach: accepting },
  { name: 'add', path: `/r/${ROOM}/add`, signedIn: true, hub: leads },
  { name: 'participation', path: `/r/${ROOM}/participation`, signedIn: true, hub: leads },
  {
    name: 'note a contact',
    path: `/r/${ROOM}/participation`,
    signedIn: true,
    hub: leads,
    reach: noting,
  },
  {
    name: 'invited, signed out',
    path: `/join/${CODE}`,
    signedIn: false,
    hub: (site) => invited(site, card()),
  },
  { name: 'invited', path: `/join/${CODE}`, signedIn: true, hub: (site) => invited(site, card()) },
  {
    name: 'invitation over',
    path: `/join/${CODE}`,
    signedIn: true,
    hub: (site) => invited(site, card('expired')),
  },
  {
    name: 'asked to join',
    path: `/join/${CODE}`,
    signedIn: true,
    hub: (site) => invited(site, card(), joining('submitted')),
  },
  {
    name: 'joined',
    path: `/join/${CODE}`,
    signedIn: true,
    hub: (site) => invited(site, card(), joining('provisional')),
  },
  { name: 'desk closed', path: '/desk', signedIn: true, hub: atClosedDesk },
  { name: 'second factor', path: '/desk', signedIn: true, hub: withoutFactor, reach: begun },
  { name: 'desk', path: '/desk', signedIn: true, hub: atDesk },
  { name: 'administration', path: '/admin', signedIn: true, hub: atDesk },
  { name: 'organisations', path: '/admin/organisations', signedIn: true, hub: atDesk },
  { name: 'organisation', path: `/admin/organisations/${BRANCH_ID}`, signedIn: true, hub: atDesk },
  { name: 'policies', path: '/admin/policies', signedIn: true, hub: atDesk },
  { name: 'health', path: '/admin/health', signedIn: true, hub: atDesk },
  {
    name: 'meetings',
    path: '/meetings',
    signedIn: true,
    hub: (site) => called(site, meeting('notified')),
  },
  { name: 'no meetings', path: '/meetings', signedIn: true, hub: calledToNone },
  {
    name: 'notice, staying away',
    path: meet,
    signedIn: true,
    hub: (site) => called(site, meeting('notified')),
    reach: stayingAway,
  },
  {
    name: 'meeting open',
    path: meet,
    signedIn: true,
    hub: (site) => called(site, meeting('open')),
    reach: unfolded,
  },
  {
    name: 'device check',
    path: `${meet}/check`,
    signedIn: true,
    hub: (site) => called(site, meeting('notified')),
  },
  {
    name: 'vote, checking',
    path: `${meet}/vote/${VOTE}`,
    signedIn: true,
    hub: (site) => called(site, meeting('open')),
    reach: checking,
  },
  {
    name: 'voted',
    path: `${meet}/vote/${VOTE}`,
    signedIn: true,
    hub: (site) => called(site, meeting('open', { votes: [openVote({ mine: 'yes' })] })),
    reach: unfolded,
  },
  {
    name: 'in the meeting, running it',
    path: `${meet}/live`,
    signedIn: true,
    hub: (site) => inside(site, meeting('open', { rights: ['run', 'enter_on_site', 'vote'] })),
    reach: unfolded,
  },
  {
    name: 'minutes, signing',
    path: `${meet}/minutes`,
    signedIn: true,
    hub: (site) => withMinutes(site, minutes()),
    reach: signing,
  },
  {
    name: 'minutes, editing',
    path: `${meet}/minutes`,
    signedIn: true,
    hub: (site) => withMinutes(site, minutes()),
    reach: editing,
  },
  {
    name: 'preparing a meeting',
    path: '/desk/meetings/new',
    signedIn: true,
    hub: (site) => atMeetingDesk(site, meeting('notified')),
    reach: preparing,
  },
  {
    name: 'meeting before its notice',
    path: deskMeet,
    signedIn: true,
    hub: (site) => atMeetingDesk(site, meeting('draft', { rights: ['edit', 'notify', 'cancel'] })),
  },
  {
    name: 'calling a vote',
    path: deskMeet,
    signedIn: true,
    hub: (site) =>
      atMeetingDesk(site, meeting('open', { votes: [], rights: ['run', 'enter_on_site'] })),
    reach: callingVote,
  },
  { name: 'me', path: '/me', signedIn: true },
  { name: 'help', path: '/help', signedIn: true },
  { name: 'privacy', path: '/privacy', signedIn: true },
  { name: 'rules', path: '/rules', signedIn: true },
  { name: 'no such page', path: '/nowhere', signedIn: true },
];

async function shown(context: BrowserContext, screen: Screen): Promise<Page> {
  const site = village();
  site.signedIn = screen.signedIn;
  screen.hub?.(site);
  await site.serve(context);
  const page = await context.newPage();
  await page.goto(`${ORIGIN}${screen.path}`);
  await page.locator('h1').first().waitFor();
  await expect(page.getByRole('status', { name: '正在加载…' })).toHaveCount(0);
  await screen.reach?.(page, site);
  // The page's own policy forbids foreign scripts; the debugger may run them.
  await page.evaluate(axe);
  return page;
}

/** What the setting of size and colours does to the document, and two frames to draw it. */
function dress(page: Page, theme: string, size: string): Promise<void> {
  return page.evaluate(
    ([to, text]) => {
      document.documentElement.dataset.theme = to;
      document.documentElement.dataset.size = text;
      return new Promise((done) =>
        requestAnimationFrame(() => requestAnimationFrame(() => done())),
      );
    },
    [theme, size],
  );
}

function violations(page: Page): Promise<string[]> {
  return page.evaluate(async (rules) => {
    const { axe: tool } = window as unknown as {
      axe: { run(root: Document, options: object): Promise<{ violations: Violation[] }> };
    };
    interface Violation {
      id: string;
      nodes: { html: string }[];
    }
    const found = await tool.run(document, { runOnly: { type: 'tag', values: rules } });
    return found.violations.map((one) => `${one.id}: ${one.nodes.map((n) => n.html).join(' ')}`);
  }, RULES);
}

/** Texts that do not fit, and whether the page is wider than the window. */
function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth) found.push('the page scrolls sideways');
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent?.trim());
      if (!own || element.closest('.hidden-text, noscript, .skip, [data-preview]')) continue;
      const box = element.getBoundingClientRect();
      if (box.width === 0) continue;
      const wide = element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0;
      const out = box.left < -1 || box.right > innerWidth + 1;
      if (wide || out) found.push(`${element.className}: ${element.textContent?.slice(0, 40)}`);
    }
    return found;
  });
}

/** Things to press that are smaller than `least` pixels either way. */
function smallTargets(page: Page, least: number): Promise<string[]> {
  return page.evaluate((min) => {
    const found: string[] = [];
    const wanted = 'button, a[href], input, textarea, [role="button"]';
    for (const element of document.querySelectorAll<HTMLElement>(wanted)) {
      // A link within a sentence is as high as its line.
      if (element.closest('p, .skip, [hidden]') && element.tagName === 'A') continue;
      // The words beside a tick are pressed as well.
      const box = (element.closest('label') ?? element).getBoundingClientRect();
      if (box.width === 0) continue;
      const after = getComputedStyle(element, '::after');
      const grown = after.content !== 'none' && after.position === 'absolute';
      const width = grown ? Number.parseFloat(after.width) : box.width;
      const height = grown ? Number.parseFloat(after.height) : box.height;
      if (Math.min(width, height) < min - 0.5) {
        found.push(`${element.className || element.tagName} ${width}x${height}`);
      }
    }
    return found;
  }, least);
}

for (const screen of screens) {
  test(`accessible in every look, with room at 320 pixels: ${screen.name}`, async ({ browser }) => {
    const viewport = { width: 320, height: 640 };
    const context = await browser.newContext({
      bypassCSP: true,
      viewport,
      // A colour on its way to another one has the contrast of neither.
      reducedMotion: 'reduce',
    });
    const page = await shown(context, screen);
    for (const theme of THEMES) {
      for (const size of SIZES) {
        const look = `${screen.name}, ${theme}, ${size}`;
        await dress(page, theme, size);
        expect.soft(await violations(page), look).toEqual([]);
        expect.soft(await overflow(page), look).toEqual([]);
        expect.soft(await smallTargets(page, size === 'std' ? 48 : 60), look).toEqual([]);
      }
    }
    await context.close();
  });
}
