/* Runs before the first paint: text size, colours and language of this device, whether the sign-in
   form that stands in the page is what the address asks for, and what this device keeps of the
   page's content (src/store/kept.ts takes it). Plain old JavaScript. */
(() => {
  if (!('globalThis' in window)) window.globalThis = window;
  var root = document.documentElement;
  function media(query) {
    return window.matchMedia ? window.matchMedia(query).matches : false;
  }
  function oneOf(list, value) {
    return list.indexOf(value) >= 0 ? value : list[0];
  }
  var wanted = navigator.languages || [navigator.language];
  var look = {};
  var i;
  var me;
  try {
    look = JSON.parse(localStorage.getItem('lianxin.look') || '{}') || {};
  } catch (_error) {}
  var theme = oneOf(['auto', 'light', 'dark', 'contrast'], look.theme);
  if (theme === 'auto') {
    theme = 'light';
    if (media('(prefers-color-scheme: dark)')) theme = 'dark';
    if (media('(prefers-contrast: more)')) theme = 'contrast';
  }
  var language = oneOf(['auto', 'zh-CN', 'en'], look.language);
  if (language === 'auto') {
    language = 'zh-CN';
    for (i = 0; i < wanted.length; i += 1) {
      if (/^(zh|en)\b/i.test(wanted[i])) {
        if (/^en/i.test(wanted[i])) language = 'en';
        break;
      }
    }
  }
  root.setAttribute('data-size', oneOf(['std', 'lg', 'xl', 'xxl'], look.size));
  root.setAttribute('data-theme', theme);
  root.setAttribute('lang', language);
  if (/^\/signin\/?$/.test(location.pathname) && language === 'zh-CN' && location.hash.length < 2) {
    root.setAttribute('data-first', 'signin');
  }
  /* The form may be sent before the program is here: it is kept and sent then. */
  document.addEventListener('submit', (event) => {
    if (event.target && event.target.id === 'first-form') {
      event.preventDefault();
      root.setAttribute('data-first-sent', '');
    }
  });
  /* What the person's device keeps is read while the program loads: the first paint shows it. */
  function kept(person) {
    var opened = indexedDB.open(`lianxin-${person}`);
    var room = /^\/r\/([^/]+)$/.exec(location.pathname);
    function read(db, store, key) {
      return new Promise((resolve) => {
        var asked = db.transaction(store).objectStore(store).get(key);
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => resolve();
      });
    }
    return new Promise((resolve, reject) => {
      opened.onerror = reject;
      /* Nothing is kept yet: the program makes the store itself. */
      opened.onupgradeneeded = () => opened.transaction.abort();
      opened.onsuccess = () => {
        var db = opened.result;
        db.onversionchange = () => db.close();
        resolve(
          Promise.all([
            read(db, 'inbox', 'inbox'),
            room ? read(db, 'rooms', decodeURIComponent(room[1])) : undefined,
          ]),
        );
        db.close();
      };
    });
  }
  try {
    me = JSON.parse(localStorage.getItem('lianxin.me') || 'null');
    if (me && /^\/(inbox$|r\/|$)/.test(location.pathname)) {
      window.lianxinKept = { person: me.person, read: kept(me.person) };
      window.lianxinKept.read.catch(() => {});
    }
  } catch (_error) {}
  /* A browser that does not know modules can not run the program. */
  if (!('noModule' in document.createElement('script'))) location.replace('/upgrade.html');
})();
