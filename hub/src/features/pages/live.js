// Keeps an open page current: every 30 s while it is seen, and at once for readers who are signed
// in. Asks for the page itself with its tag; without this script it is as current as its last load.
(function () {
  var main = document.getElementById('main');
  var note = document.getElementById('live');
  if (!main || !note || !window.fetch || !window.DOMParser) return;
  var shown = main.innerHTML;
  var busy = false;
  // Whoever is writing is not disturbed: the note says that there is something new.
  var writing = function () {
    var active = document.activeElement;
    if (active && main.contains(active) && /^(INPUT|TEXTAREA|SELECT)$/.test(active.tagName)) return true;
    var fields = main.querySelectorAll('textarea, input[type="text"], input:not([type])');
    for (var n = 0; n < fields.length; n++) {
      if (fields[n].value !== fields[n].defaultValue) return true;
    }
    return false;
  };
  var look = function () {
    if (busy || document.visibilityState === 'hidden') return;
    busy = true;
    fetch(location.href, { cache: 'no-cache', credentials: 'same-origin', redirect: 'error', headers: { accept: 'text/html' } })
      .then(function (answer) {
        return answer.ok || answer.status === 410 ? answer.text() : '';
      })
      .then(function (text) {
        var next = text && new DOMParser().parseFromString(text, 'text/html').getElementById('main');
        if (!next || next.innerHTML === shown) return;
        if (writing()) {
          note.textContent = note.getAttribute('data-waits');
          return;
        }
        shown = next.innerHTML;
        main.innerHTML = shown;
        // The element that screen readers listen to stays the same.
        var fresh = document.getElementById('live');
        if (fresh) fresh.parentNode.replaceChild(note, fresh);
        note.textContent = note.getAttribute('data-new');
      })
      .catch(function () {})
      .then(function () {
        busy = false;
      });
  };
  setInterval(look, 30000);
  document.addEventListener('visibilitychange', look);
  var source = note.getAttribute('data-source');
  // Waits for the next move; not signed in, or too many listen: the 30 s stay.
  var wait = function (since) {
    fetch(source + since, { credentials: 'same-origin', headers: { accept: 'application/json' } })
      .then(function (answer) {
        return answer.ok ? answer.json() : null;
      })
      .then(function (moves) {
        if (!moves) return;
        if (since) look();
        setTimeout(wait, 500, '?since=' + moves.mark);
      })
      .catch(function () {
        setTimeout(wait, 15000, since);
      });
  };
  if (source) wait('');
})();
