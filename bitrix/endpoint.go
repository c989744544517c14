package bitrix

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// authServer is one allowed authorisation server.
type authServer struct {
	host string // lower case, with a port only when it is not the scheme's own
	base string // without a trailing slash
}

// rest is the server's REST root, the form in which portals name it.
func (s authServer) rest() string { return s.base + "/rest/" }

// token is where tokens are renewed (reference bitrix24 2.1).
func (s authServer) token() string { return s.base + "/oauth/token/" }

// parseAuthServers reads the allow-list.
func parseAuthServers(list []string) ([]authServer, error) {
	if len(list) == 0 {
		return nil, errors.New("bitrix: at least one authorisation server is required")
	}

	servers := make([]authServer, 0, len(list))
	for _, raw := range list {
		u, err := safeURL(raw)
		if err != nil {
			return nil, fmt.Errorf("bitrix: authorisation server: %w", err)
		}
		servers = append(servers, authServer{host: hostOf(u), base: strings.TrimRight(u.String(), "/")})
	}

	return servers, nil
}

// allowed picks the servers to ask for a server endpoint that came from outside. The endpoint only
// selects, by host, among our own: what is asked is always the configured URL. Empty means all.
func (c *Client) allowed(method, endpoint string) ([]authServer, error) {
	if endpoint == "" {
		return c.servers, nil
	}

	u, err := url.Parse(endpoint)
	if err == nil && u.Host != "" {
		for _, s := range c.servers {
			if s.host == hostOf(u) {
				return []authServer{s}, nil
			}
		}
	}

	return nil, &Error{Method: method, Class: Denied, Err: ErrUnknownServer}
}

// safeURL accepts an absolute URL that a token may be sent to: https, or http on loopback, where the
// simulator lives; no user info, query or fragment. The error never repeats the URL, which could
// carry a secret.
func safeURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "" {
		return nil, errors.New("not an absolute URL")
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, errors.New("user info, query and fragment are not allowed")
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && isLoopback(u.Hostname()):
	default:
		return nil, errors.New("https is required")
	}

	return u, nil
}

// restRoot normalises a portal's REST root so that a method name can be appended.
func restRoot(endpoint string) (string, error) {
	u, err := safeURL(endpoint)
	if err != nil {
		return "", fmt.Errorf("portal endpoint: %w", err)
	}

	return strings.TrimRight(u.String(), "/") + "/", nil
}

// hostOf is the host in lower case without the scheme's own port.
func hostOf(u *url.URL) string {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" || (u.Scheme == "https" && port == "443") || (u.Scheme == "http" && port == "80") {
		return host
	}

	return net.JoinHostPort(host, port)
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)

	return ip != nil && ip.IsLoopback()
}
