/** A party group as the screens show it in tests. */

import { FakeSite } from './site.ts';

export const ROOM = '0199a000-0000-7000-8000-000000000001';
const BRANCH = '0199a000-0000-7000-8000-000000000002';
const JOINT = '0199a000-0000-7000-8000-000000000003';

export const ME = '0199b000-0000-7000-8000-000000000001';
export const LEADER = '0199b000-0000-7000-8000-000000000002';
export const LI = '0199b000-0000-7000-8000-000000000003';
export const YANG = '0199b000-0000-7000-8000-000000000004';

const DAY_MS = 24 * 3_600_000;

export function village(now = Date.now()): FakeSite {
  const site = new FakeSite({
    person: ME,
    name: '陈建国',
    device: '0199d000-0000-7000-8000-000000000001',
    phone_masked: '138****0001',
    home: '青岩村党支部',
  });
  const { hub } = site;
  hub.names.set(LEADER, '李春梅').set(LI, '王德明').set(YANG, '杨秀英');
  hub.addRoom(ROOM, '驻广东务工第三党小组', [LEADER, ME, LI, YANG]);
  hub.addRoom(BRANCH, '青岩村党支部', [LI, ME], { kind: 'branch' });
  hub.addRoom(JOINT, '物流园区网络联合党支部', [YANG, ME], { kind: 'joint_branch' });

  hub.now = now - 2 * DAY_MS;
  hub.say(BRANCH, LI, '本月主题党日定在30日上午，地点在村委会二楼会议室，在外党员可线上参加。');
  hub.say(JOINT, YANG, '名册已更新，请各单位核对。');
  hub.now = now - DAY_MS;
  hub.append(ROOM, {
    t: 'joined',
    from: LEADER,
    b: { person: LI, name: '王德明', role: 'member' },
  });
  hub.say(
    ROOM,
    LEADER,
    '各位同志，欢迎德明同志加入我们小组。大家在外辛苦了，有什么困难随时在这里说。',
  );
  hub.say(ROOM, LI, '谢谢组长，我在东莞厚街上班，周末休息。');
  const asked = hub.say(
    ROOM,
    LEADER,
    '11月的学习安排在下周一晚上7点半，线上进行，大约40分钟。请大家看看时间合不合适？',
  );
  hub.say(ROOM, ME, '可以参加。', { cid: 'seeded1' });
  for (const room of hub.rooms.values()) room.read.set(ME, room.events.length);
  hub.now = now - 3_600_000;
  hub.say(ROOM, YANG, '我那天上晚班，能不能看回放？', {
    b: { text: '我那天上晚班，能不能看回放？', reply_to: asked },
  });
  hub.say(
    ROOM,
    LEADER,
    '可以的秀英同志，我把要点整理好发在这里，资料也可以先看：https://example.cn/study/11',
  );
  hub.say(ROOM, LEADER, '另外，请还没有报到的同志抽空告诉我现在的住址和联系电话。');
  hub.say(JOINT, YANG, '第四季度报表请于本周五前报送。');
  return site;
}

/** A long talk, for windows and gaps. */
export function talk(site: FakeSite, count: number): void {
  for (let n = 1; n <= count; n += 1) {
    site.hub.say(
      ROOM,
      n % 3 ? LI : LEADER,
      `第${n}条：今天的学习笔记，大家都看一看。`.repeat((n % 4) + 1),
    );
  }
}
