// Search on the start page. The index is in scripts, because a page opened from a file may not fetch; they load on first use.
(function () {
  "use strict";
  var form = document.getElementById("search"), box = document.getElementById("q");
  var said = document.getElementById("said"), list = document.getElementById("hits");
  var shards = Number(form.dataset.shards), asked = 0, loaded = 0, agencies = [], SHOWN = 50;

  // Called by each shard with rows [agency id, name, region code, [[year, report id, violated], …]].
  window.ogiIndex = function (rows) { agencies = agencies.concat(rows); };

  function load() {
    if (asked >= shards) { return; }
    var script = document.createElement("script");
    script.src = form.dataset.root + "index-" + asked + ".js";
    asked += 1;
    script.onload = function () { loaded += 1; load(); show(); };
    script.onerror = function () { said.textContent = script.src + " is missing"; };
    document.head.appendChild(script);
  }

  function link(parent, href, text, lang) {
    var a = document.createElement("a");
    a.href = href;
    a.textContent = text;
    if (lang) { a.lang = lang; }
    parent.appendChild(a);
  }

  function show() {
    var terms = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    list.textContent = "";
    if (!terms.length) { said.textContent = ""; return; }
    var found = 0;
    agencies.forEach(function (row) {
      var years = row[3];
      var fits = terms.every(function (term) {
        if (/^(19|20)\d\d$/.test(term)) {
          years = years.filter(function (year) { return String(year[0]) === term; });
          return years.length > 0;
        }
        return row[1].toLowerCase().indexOf(term) >= 0 || (/^\d+$/.test(term) && row[2].indexOf(term) === 0);
      });
      if (!fits) { return; }
      found += 1;
      if (found > SHOWN) { return; }
      var item = document.createElement("li");
      link(item, "agencies/" + row[0] + ".html", row[1], "zh");
      years.forEach(function (year) {
        item.appendChild(document.createTextNode(" "));
        link(item, "reports/" + year[1] + ".html", year[0] + (year[2] ? " ≠" : ""));
      });
      list.appendChild(item);
    });
    var loading = loaded < shards ? "; loading " + loaded + " of " + shards : "";
    said.textContent = found + (found === 1 ? " agency" : " agencies") + " found" + (found > SHOWN ? ", the first " + SHOWN + " are shown" : "") + loading;
  }

  box.addEventListener("focus", function () { if (!asked) { load(); } });
  box.addEventListener("input", function () { if (!asked) { load(); } show(); });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var first = list.querySelector("a");
    if (first) { first.focus(); }
  });
}());
