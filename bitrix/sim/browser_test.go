package sim_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"receivepayment/bitrix/sim"
)

// appScript is the least that a framed page needs to speak with the portal, written from reference bitrix24, 5.3.
const appScript = `<!DOCTYPE html><title>app</title><body><p id="how"></p><script>
const [domain, protocol, sid] = window.name.split('|');
const waiting = new Map();
let count = 0;
window.addEventListener('message', (event) => {
  const at = event.data.indexOf(':');
  const key = at < 0 ? event.data : event.data.slice(0, at);
  waiting.get(key)?.(at < 0 ? 'done' : JSON.parse(event.data.slice(at + 1)));
});
window.say = (command, params) => new Promise((resolve) => {
  const key = 'k' + (++count);
  waiting.set(key, resolve);
  const parts = params === undefined ? [command, key, sid] : [command, JSON.stringify(params), key, sid];
  window.parent.postMessage(parts.join(':'), 'http://' + domain);
  setTimeout(() => resolve('silence'), 1000);
});
document.getElementById('how').textContent = 'METHOD PLACEMENT';
</script></body>`

// portalBrowser is a browser on a portal whose app answers with appScript from another site.
type portalBrowser struct {
	*world
	ctx context.Context //nolint:containedctx // chromedp's contexts are handles of tabs
}

func openBrowser(t *testing.T) *portalBrowser {
	t.Helper()
	program := os.Getenv("TEST_CHROMIUM")
	if program == "" {
		if os.Getenv("TEST_REQUIRE") == "1" {
			t.Fatal("TEST_CHROMIUM is not set; `make test` sets it")
		}
		t.Skip("TEST_CHROMIUM is not set: skipped")
	}
	w := newWorld(t)
	w.app.server.Config.Handler = http.HandlerFunc(serveAppScript)
	w.sim.SetAddresses(strings.Replace(w.app.server.URL, "127.0.0.1", "localhost", 1), w.host)

	options := append(chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(chromedp.DefaultExecAllocatorOptions)],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.WindowSize(1280, 900))
	alloc, cancelAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancelAlloc)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start browser: %v", err)
	}
	limited, stop := context.WithTimeout(ctx, 50*time.Second)
	t.Cleanup(stop)
	return &portalBrowser{world: w, ctx: limited}
}

func serveAppScript(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	w.Header().Set("Content-Type", "text/html")
	page := strings.NewReplacer("METHOD", r.Method, "PLACEMENT", r.PostForm.Get("PLACEMENT")+" "+r.PostForm.Get("PLACEMENT_OPTIONS"))
	_, _ = page.WriteString(w, appScript)
}

func (b *portalBrowser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

func (b *portalBrowser) open(path string) { b.t.Helper(); b.do(chromedp.Navigate(b.url + path)) }

func (b *portalBrowser) click(test string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(`[data-test="` + test + `"]`)))
}

// until waits for an expression in the portal's page to become true. A page that leaves while it is asked is asked
// again on the next.
func (b *portalBrowser) until(expression string) {
	b.t.Helper()
	for {
		_, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression))
		if err == nil {
			return
		}
		if b.ctx.Err() != nil {
			b.t.Fatalf("waiting for %s: %v", expression, err)
		}
	}
}

// frame is the app's page, a target of its own because it is of another site.
func (b *portalBrowser) frame() context.Context {
	b.t.Helper()
	for {
		infos, err := chromedp.Targets(b.ctx)
		if err != nil {
			b.t.Fatalf("targets: %v", err)
		}
		for _, info := range infos {
			if info.Type == "iframe" && strings.Contains(info.URL, "APP_SID") {
				ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithTargetID(info.TargetID))
				b.t.Cleanup(cancel)
				return ctx
			}
		}
		if b.ctx.Err() != nil {
			b.t.Fatal("no frame of the app appeared")
		}
	}
}

// say sends a command from the app's page and returns what the portal answers.
func (b *portalBrowser) say(frame context.Context, command, params string) any {
	b.t.Helper()
	if params != "" {
		params = "," + params
	}
	answer, err := chromedp.Run(frame, chromedp.Evaluate[any](
		`(async () => { while (!window.say) await new Promise(r => setTimeout(r, 5)); return await window.say('`+command+`'`+params+`) })()`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("say %s: %v", command, err)
	}
	return answer
}

func TestTheInstallerRunsInASliderAndEndsInTheAppsPage(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	b.open("/marketplace/")
	b.click("market-install")
	frame := b.frame()

	data, _ := b.say(frame, "getInitData", "").(map[string]any)
	got := map[string]any{"INSTALL": data["INSTALL"], "IS_ADMIN": data["IS_ADMIN"], "DOMAIN": data["DOMAIN"], "PLACEMENT": data["PLACEMENT"]}
	want := map[string]any{"INSTALL": true, "IS_ADMIN": true, "DOMAIN": b.host, "PLACEMENT": "DEFAULT"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("getInitData differs (-want +got):\n%s", diff)
	}

	if err := chromedp.Do(frame, chromedp.Evaluate[chromedp.Void](`void window.say('setInstallFinish')`)); err != nil {
		t.Fatal(err)
	}
	b.until(`location.search === '?install_finished=Y' && !!document.querySelector('[data-test=frame]')`)
	if !b.sim.Installed() {
		t.Error("the app is not installed after installFinish")
	}
	b.wantViolations()
}

func TestTheFrameOfADealTabSpeaksWithThePortal(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	token := b.sim.InstallForm(1).Body.Get("AUTH_ID")
	appURL := strings.Replace(b.app.server.URL, "127.0.0.1", "localhost", 1)
	b.call(token, "placement.bind", `{"PLACEMENT":"CRM_DEAL_DETAIL_TAB","HANDLER":"`+appURL+`/bitrix/app","TITLE":"Receive Payment"}`)
	b.sim.FinishInstall()
	b.open("/crm/deal/details/512/")
	b.click("tab-app-0")
	frame := b.frame()

	data, _ := b.say(frame, "getInitData", "").(map[string]any)
	options, _ := data["PLACEMENT_OPTIONS"].(map[string]any)
	if diff := cmp.Diff(map[string]any{"ID": "512", "URI": "/crm/deal/details/512/"}, options); diff != "" {
		t.Errorf("placement options differ (-want +got):\n%s", diff)
	}
	how, err := chromedp.Run(frame, chromedp.Text(chromedp.CSS("#how")))
	if err != nil || !strings.HasPrefix(how, "POST CRM_DEAL_DETAIL_TAB {") {
		t.Errorf("the frame was loaded by %q (%v), want a form post", how, err)
	}

	narrow, _ := b.say(frame, "resizeWindow", `{width:500, height:300}`).(map[string]any)
	size, _ := b.say(frame, "resizeWindow", `{width:'100%', height:716}`).(map[string]any)
	if size["height"] != 716.0 || size["width"] == narrow["width"] {
		t.Errorf("resizeWindow answered %v after %v, want the full width and height 716", size, narrow)
	}
	if answer := b.say(frame, "reloadData", `{isRawValue:false}`); answer != "done" {
		t.Errorf("reloadData in a tab answered %v", answer)
	}
	for _, denied := range []string{"setTitle", "reloadWindow", "noSuchCommand"} {
		if answer := b.say(frame, denied, `{title:'x:y'}`); answer != "silence" {
			t.Errorf("%s answered %v, want silence", denied, answer)
		}
	}
	fresh, _ := b.say(frame, "refreshAuth", "").(map[string]any)
	old, _ := data["AUTH_ID"].(string)
	newer, _ := fresh["AUTH_ID"].(string)
	b.call(old, "profile", "").want(t, 401, map[string]any{"error": "expired_token"})
	b.call(newer, "profile", "").want(t, 200, map[string]any{"result.ID": "1"})
	if answer := b.say(frame, "setUserOption", `{name:'k', value:'x:y'}`); !cmp.Equal(answer, any(map[string]any{"k": "x:y"})) {
		t.Errorf("setUserOption answered %v", answer)
	}
	b.wantViolations()
}

func TestAFrameOpensCardsAndPicksColleagues(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	b.sim.InstallForm(1)
	b.sim.FinishInstall()
	b.open("/marketplace/app/vendor.eftpos/")
	frame := b.frame()

	if answer := b.say(frame, "reloadData", ""); answer != "silence" {
		t.Errorf("reloadData on the app's own page answered %v, want silence", answer)
	}
	picked := make(chan any, 1)
	go func() { picked <- b.sayLong(frame, `window.say('selectUser', {mult:false})`) }()
	b.click("picker-user-14")
	if user, _ := (<-picked).(map[string]any); user["id"] != "14" || user["name"] != "Mere Tane" {
		t.Errorf("selectUser answered %v", user)
	}
	if answer := b.say(frame, "openPath", `{path:'/stream/'}`); !cmp.Equal(answer, any(map[string]any{"result": "error", "errorCode": "PATH_NOT_AVAILABLE"})) {
		t.Errorf("openPath of an unknown page answered %v", answer)
	}

	closed := make(chan any, 1)
	go func() {
		closed <- b.sayLong(frame, `window.say('openPath', {path:'/crm/type/0/details/0/../../../../../crm/deal/details/513/?IFRAME=Y'})`)
	}()
	b.until(`!!document.querySelector('[data-test=slider] iframe')`)
	b.click("slider-close")
	if answer := <-closed; !cmp.Equal(answer, any(map[string]any{"result": "close"})) {
		t.Errorf("openPath answered %v after closing", answer)
	}
}

// sayLong evaluates a command that a person answers; the page's own timeout is put out of the way.
func (b *portalBrowser) sayLong(frame context.Context, expression string) any {
	answer, err := chromedp.Run(frame, chromedp.Evaluate[any](
		`(async () => { while (!window.say) await new Promise(r => setTimeout(r, 5)); window.setTimeout = () => 0; return await `+expression+` })()`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		return err
	}
	return answer
}

func TestAnInvoicesFrameFillsASliderAndTheAppOpensFromIt(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	token := b.sim.InstallForm(1).Body.Get("AUTH_ID")
	b.bindTabs(token)
	b.sim.FinishInstall()
	b.addInvoice(token, `"title":"Balance","parentId2":512`)
	b.open("/crm/type/31/list/category/3/")
	b.click("invoice-menu-77")
	b.click("invoice-menu-77-0")
	frame := b.frame()

	data, _ := b.say(frame, "getInitData", "").(map[string]any)
	if diff := cmp.Diff("CRM_SMART_INVOICE_LIST_MENU", data["PLACEMENT"]); diff != "" {
		t.Errorf("placement differs (-want +got):\n%s", diff)
	}
	if answer := b.say(frame, "resizeWindow", `{width:'100%', height:99}`); answer != "silence" {
		t.Errorf("resizeWindow in a slider answered %v, want silence", answer)
	}
	b.until(`(() => {
		const frame = document.querySelector('[data-test=frame]').getBoundingClientRect();
		const panel = document.querySelector('.slider-panel').getBoundingClientRect();
		return frame.left === panel.left && frame.width === panel.width && frame.height === panel.height;
	})()`)
	if err := chromedp.Do(frame, chromedp.Evaluate[chromedp.Void](`void window.say('openApplication', {bx24_title: 'Settings', invoice: 77})`)); err != nil {
		t.Fatal(err)
	}
	b.until(`document.querySelectorAll('[data-test=slider] iframe').length === 2`)
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until(`document.querySelectorAll('[data-test=slider] iframe').length === 1`)
	if err := chromedp.Do(frame, chromedp.Evaluate[chromedp.Void](`void window.say('closeApplication')`)); err != nil {
		t.Fatal(err)
	}
	b.until(`!document.querySelector('[data-test=slider]')`)
	b.wantViolations()
}

func TestATabOpensInsideACardInASlider(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	token := b.sim.InstallForm(1).Body.Get("AUTH_ID")
	b.bindTabs(token)
	b.sim.FinishInstall()
	b.addInvoice(token, `"title":"Balance","parentId2":512`)
	b.open("/crm/deal/details/512/")
	b.do(chromedp.Click(chromedp.CSS(`[data-test=deal-invoice-77] a`)))
	b.until(`!!document.querySelector('[data-test=slider] iframe')?.contentWindow?.portalParse`)
	b.until(`(document.querySelector('[data-test=slider] iframe').contentDocument.querySelector('[data-test=tab-app-0]').click(), true)`)

	data, _ := b.say(b.frame(), "getInitData", "").(map[string]any)
	options, _ := data["PLACEMENT_OPTIONS"].(map[string]any)
	if options["ID"] != "77" || data["PLACEMENT"] != "CRM_SMART_INVOICE_DETAIL_TAB" {
		t.Errorf("the tab in the slider got %v %v", data["PLACEMENT"], options)
	}
}

func TestTheParserTakesTheObservedMessages(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	b.open("/")
	b.until(`!!window.portalParse`)
	const sid = "0123456789abcdef0123456789abcdef"
	tests := map[string]string{
		`"getInitData:63230e56:` + sid + `"`:                                                    `{"command":"getInitData","params":{},"key":"63230e56","sid":"` + sid + `"}`,
		`'resizeWindow:{"width":"100%","height":716}:46197fb3:` + sid + `'`:                     `{"command":"resizeWindow","params":{"width":"100%","height":716},"key":"46197fb3","sid":"` + sid + `"}`,
		`'setAppOption:{"name":"k2","value":"x:y"}:f0d42695:` + sid + `'`:                       `{"command":"setAppOption","params":{"name":"k2","value":"x:y"},"key":"f0d42695","sid":"` + sid + `"}`,
		`'reloadData:{"isRawValue":false}:8c584ad9:` + sid + `'`:                                `{"command":"reloadData","params":{"isRawValue":false},"key":"8c584ad9","sid":"` + sid + `"}`,
		`'setValue:a:b:k1:` + sid + `'`:                                                         `{"command":"setValue","params":"a:b","key":"k1","sid":"` + sid + `"}`,
		`({method:'im:open', params:{a:1}, callback:'k', appSid:'` + sid + `', requestId:'r'})`: `{"command":"im:open","params":{"a":1},"key":"k","sid":"` + sid + `"}`,
		`'nonsense'`: `null`,
		`42`:         `null`,
	}
	for message, want := range tests {
		got, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`JSON.stringify(window.portalParse(`+message+`))`))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s parsed differently (-want +got):\n%s", message, diff)
		}
	}
}

func TestAPersonMovesACardSwitchesUsersAndRemovesTheApp(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	b.bindTabs(b.sim.InstallForm(1).Body.Get("AUTH_ID"))
	b.sim.FinishInstall()
	b.open("/crm/deal/details/512/")
	b.do(chromedp.Click(chromedp.CSS(`[data-move=FINAL_INVOICE]`)))
	b.until(`document.querySelector('[data-test=deal-stage]').dataset.stage === 'FINAL_INVOICE'`)
	if deal, _ := b.sim.Deal(512); deal.Stage != "FINAL_INVOICE" {
		t.Errorf("the deal stands in %s", deal.Stage)
	}

	b.open("/marketplace/")
	b.do(chromedp.Evaluate[chromedp.Void](`void (window.confirm = () => true)`))
	b.click("market-uninstall")
	b.until(`!!document.querySelector('[data-test=market-install]')`)
	b.do(chromedp.SetValue(chromedp.CSS(`#user-switch`), "14"))
	b.until(`document.body.dataset.user === '14' && !!document.querySelector('[data-test=install-notice]')`)
	if b.sim.Installed() {
		t.Error("the app is still installed")
	}
}

func TestAnOpenCardFollowsWhatHappensAtTheServer(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	b.open("/crm/deal/details/512/")
	b.until(`document.querySelector('[data-test=deal-stage]').dataset.stage === 'EXECUTING'`)
	b.sim.SetStage(2, 512, "WON")
	b.until(`document.querySelector('[data-test=deal-stage]').dataset.stage === 'WON'`)

	deal := b.sim.AddDeal(sim.NewDeal{Title: "Anchor chain", Lines: []sim.Line{{Name: "Chain", Price: "1250"}}})
	b.open("/crm/deal/")
	b.until(`!!document.querySelector('[data-test=deal-row-` + itoa(deal) + `]')`)
}
