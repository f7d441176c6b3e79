{% load static %}{# The service worker of the officers' page. Plate data never goes through it into a cache. #}// Keeps the program and the page without network. Pages with data are fetched anew, always.
const KEPT = [{% for one in kept %}"{{ one|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const NAME = "plateward-field-" + KEPT.join("|");

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(KEPT)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const stale = (names) => names.filter((name) => name.startsWith("plateward-field-") && name !== NAME);
  event.waitUntil(
    caches.keys().then((names) => Promise.all(stale(names).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(KEPT[0])));
  } else if (KEPT.includes(path) && path !== KEPT[0]) {
    event.respondWith(caches.match(path).then((found) => found ?? fetch(request)));
  }
});

// A message that an alert waits (RFC 8030). It holds no plate; its page is opened, and the server asks for the log-in.
self.addEventListener("push", (event) => {
  const { title, body, link, tag } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body, tag, data: { link }, icon: "{% static 'field/icon-192.png' %}" }));
});

// The browser gave up or changed where its push service reaches it: its person is told here, for the server cannot any more.
self.addEventListener("pushsubscriptionchange", (event) => {
  const said = { body: "This browser’s push address has ended. Add it again on “How I am told”.", data: { link: "{% url 'told:mine' %}" }, icon: "{% static 'field/icon-192.png' %}" };
  event.waitUntil(self.registration.showNotification("No alert is told here any more", said));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const page = new URL(event.notification.data.link, self.location.origin);
  if (page.origin === self.location.origin) event.waitUntil(self.clients.openWindow(page.href));
});
