// Keys of a desk: j and k go along the list, enter opens, ? shows the list of keys. Without this
// script everything works by Tab and Enter.
(function () {
  var note = document.getElementById('desk-keys');
  if (!note) return;
  var off = document.getElementById('desk-keys-off');
  var stored = function () {
    try {
      return localStorage.getItem('lianxin-desk-keys') === 'off';
    } catch (_) {
      return false;
    }
  };
  note.hidden = false;
  off.checked = stored();
  off.addEventListener('change', function () {
    try {
      localStorage.setItem('lianxin-desk-keys', off.checked ? 'off' : 'on');
    } catch (_) {}
  });
  var links = function () {
    return Array.prototype.slice.call(document.querySelectorAll('.desk-columns h3 a'));
  };
  // The link that has the focus, else the one of the matter that is open.
  var place = function (list) {
    var at = list.indexOf(document.activeElement);
    if (at >= 0) return at;
    for (var n = 0; n < list.length; n++) {
      if (list[n].closest('[aria-current="true"]')) return n;
    }
    return -1;
  };
  document.addEventListener('keydown', function (event) {
    var target = event.target;
    var writing = target && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
    if (writing || off.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '?') {
      note.open = !note.open;
      return;
    }
    if (event.key !== 'j' && event.key !== 'k') return;
    var list = links();
    var at = place(list);
    var next = event.key === 'j' ? at + 1 : at < 0 ? list.length - 1 : at - 1;
    var link = list[Math.max(0, Math.min(list.length - 1, next))];
    if (!link) return;
    event.preventDefault();
    link.focus();
  });
})();
