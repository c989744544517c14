// Package sim is Bitrix24 in one http.Handler: a portal with deals, smart invoices, a timeline and users, the
// authorisation server that issues its tokens, and a small portal for the browser that frames the app.
//
// It is written from the platform's documented behaviour alone and shares no code with the client it is used to test.
// Everything is kept in memory. It refuses what the real service refuses, with one exemption: plain http and loopback
// addresses are allowed.
//
// # Addresses
//
//	/rest/<method>[.json]      portal REST; a batch is one request; "//" and unknown query keys are accepted
//	/auth/oauth/token/         authorisation server, tokens   (so BITRIX_OAUTH_URL is http://<PublicHost>/auth)
//	/auth/rest/app.info        authorisation server, whose token is this?
//	/                          the portal in the browser: deals, invoices, Market, the app's own page
//	/control/…                 faults, calls, violations, state; answered to loopback callers only
//
// # Programs without a browser
//
// [Sim.InstallForm] and [Sim.EntryForm] give the form post with which the portal opens the installer, the app's page
// or a placement; [Sim.FinishInstall] stands for installFinish. The same is reachable over HTTP:
//
//	GET    /control/entry?user=14&placement=CRM_DEAL_DETAIL_TAB&id=512   (placement=INSTALL for the installer)
//	POST   /control/install-finish                {}
//	GET    /control/faults   DELETE /control/faults
//	POST   /control/faults                        {"kind":"slow","method":"crm.item.update","times":1,"delayMs":900}
//	POST   /control/events                        {"event":"ONCRMDYNAMICITEMUPDATE","entityTypeId":31,"id":77}
//	POST   /control/uninstall                     {"clean":true}
//	POST   /control/update                        {}
//	POST   /control/deals                         {"title":"Rope","currency":"AUD","lines":[{"name":"Rope","price":"12.00"}]}
//	POST   /control/stage                         {"entityTypeId":31,"id":77,"stage":"DT31_3:P"}
//	POST   /control/require                       {"stage":"DT31_3:P","field":"comments"}   (no field lifts it)
//	POST   /control/rights                        {"user":15,"read":true,"write":true,"moveStage":true,"app":true}
//	GET    /control/calls    GET /control/violations    GET /control/state
//
// Posts to /control/ need Content-Type application/json, so that no foreign web page can send them.
//
// # Faults
//
// A [Fault] has a kind, an optional method, a probability or a number of times. See the [FaultKind] constants. Unless
// [Config.Calm] is set a few of them happen now and then by themselves, chosen by [Config.Seed].
//
// # Driving the portal from a browser test
//
// Open http://127.0.0.1:PORT while the app is at http://localhost:PORT2, so that the frame is cross-site. Controls
// carry data-test attributes:
//
//	user-switch (select, in the top bar), nav-home, nav-deals, nav-invoices, nav-market, nav-app
//	market-install, market-open, market-uninstall, install-notice
//	deal-row-<id>, deal-stage, deal-amount, deal-products, deal-invoice-<id>
//	invoice-row-<id>, invoice-menu-<id>, invoice-menu-<id>-<n> (the n-th bound entry), invoice-stage, invoice-amount
//	tab-general, tab-app-<n> (the n-th bound tab), toolbar-app-<n>, frame (the app's iframe), timeline, timeline-entry,
//	activity-<title> (a button of the app's card)
//	slider, slider-close, picker, picker-user-<id>, picker-choose (of several), picker-cancel, notifications
//
// Stage bars carry the present stage in data-stage. A card's address may name the tab to open: ?tab=app-0.
package sim
