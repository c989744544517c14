package sim

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
)

//go:embed ui/*.html ui/assets
var uiFiles embed.FS

// pages are the templates by name, parsed once; a broken one stops the program at start.
type pages map[string]*template.Template

// parsePages parses every page with the layout.
func parsePages() pages {
	parsed := pages{}
	for _, name := range []string{"start", "list", "card", "orders", "order", "smart", "market", "app", "missing"} {
		parsed[name] = template.Must(template.ParseFS(uiFiles, "ui/layout.html", "ui/"+name+".html"))
	}
	return parsed
}

// pageData is what every page of the portal shows around its body.
type pageData struct {
	Title     string
	Nav       string
	Version   int
	AppOrigin string
	AppCode   string
	ShowApp   bool
	InSlider  bool
	User      userView
	Users     []userOption
	Bell      []noteView
	Smart     []smartNav
	Body      any
}

// userView is who sits at the screen.
type userView struct {
	ID       int
	Name     string
	Initials string
	Admin    bool
}

// userOption is one entry of the user switch.
type userOption struct {
	ID       int
	Name     string
	Role     string
	Selected bool
}

// uiRoutes are the portal in the browser.
func (s *Sim) uiRoutes(mux *http.ServeMux) {
	assets, err := fs.Sub(uiFiles, "ui/assets")
	if err != nil {
		panic(fmt.Sprintf("sim: embedded files: %v", err))
	}
	mux.Handle("GET /portal/assets/", http.StripPrefix("/portal/assets/", noCache(http.FileServerFS(assets))))

	for pattern, build := range map[string]pageBuilder{
		"GET /{$}":                                 startPage,
		"GET /crm/deal/{$}":                        dealList,
		"GET /crm/deal/details/{id}/{$}":           dealCard,
		"GET /crm/type/31/list/category/3/{$}":     invoiceList,
		"GET /crm/type/31/details/{id}/{$}":        invoiceCard,
		"GET /crm/type/{type}/list/category/0/{$}": smartList,
		"GET /shop/orders/{$}":                     orderList,
		"GET /shop/orders/details/{id}/{$}":        orderCard,
		"GET /marketplace/{$}":                     marketPage,
		"GET /marketplace/app/{code}/{$}":          appPage,
		"GET /marketplace/view/{code}/{$}":         linkPage,
		"GET /":                                    missingPage,
	} {
		mux.HandleFunc(pattern, s.page(build))
	}
	s.portalRoutes(mux)
}

// noCache keeps a browser from showing the last version's script after an update.
func noCache(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}

// visit is one request for a page by a user. The Sim's lock is held while the page is built.
type visit struct {
	s *Sim
	p *portal
	u *user
	r *http.Request
}

// pageBuilder names the template and gives its data: title, navigation entry and body.
type pageBuilder func(v *visit) (templateName string, data pageData)

// page builds under the lock and renders outside it, into a buffer, so that a broken template is an error page and
// never half a page.
func (s *Sim) page(build pageBuilder) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		v := s.visit(r)
		name, data := build(v)
		v.frameAround(&data)
		s.mu.Unlock()

		var out bytes.Buffer
		if err := s.pages[name].ExecuteTemplate(&out, "layout", data); err != nil {
			http.Error(w, "page "+name+": "+err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "frame-ancestors 'self'")
		w.Header().Set("Cache-Control", "no-store")
		if name == "missing" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write(out.Bytes())
	}
}

// userCookie remembers who sits at the screen; the portal has no passwords.
const userCookie = "portal_user"

// visit reads who is asking. A browser without the cookie is the administrator. The lock must be held.
func (s *Sim) visit(r *http.Request) *visit {
	p, _ := s.portalAt(r.Host)
	u := p.users[0]
	if cookie, err := r.Cookie(userCookie); err == nil {
		if chosen := p.user(numberOr(cookie.Value)); chosen != nil {
			u = chosen
		}
	}
	return &visit{s: s, p: p, u: u, r: r}
}

// frameAround fills what every page has.
func (v *visit) frameAround(data *pageData) {
	data.Version = v.s.version
	data.AppOrigin = v.s.cfg.AppURL
	data.AppCode = v.s.cfg.AppCode
	data.ShowApp = v.p.app.added && v.u.may(canOpen)
	data.InSlider = v.r.FormValue("IFRAME") == "Y"
	data.User = userView{
		ID: v.u.id, Name: v.u.fullName(), Initials: v.u.name[:1] + v.u.lastName[:1], Admin: v.u.admin,
	}
	for _, u := range v.p.users {
		role := u.position
		if u.admin {
			role = "administrator"
		}
		data.Users = append(data.Users, userOption{ID: u.id, Name: u.fullName(), Role: role, Selected: u == v.u})
	}
	data.Bell, data.Smart = v.bell(), v.smartMenu()
}
