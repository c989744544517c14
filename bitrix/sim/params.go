package sim

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// maxBody is more than any call of ours needs and less than would hurt a test machine.
const maxBody = 8 << 20

// readParams merges query and body as the portal does; what the body says wins.
func readParams(r *http.Request) (*value, error) {
	params := newArray()
	if err := parsePairs(params, r.URL.RawQuery); err != nil {
		return nil, err
	}
	if r.Body == nil {
		return params, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}

	media, attrs, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case len(strings.TrimSpace(string(body))) == 0:
		return params, nil
	case media == "application/json":
		return params, mergeJSON(params, body)
	case media == "multipart/form-data":
		return params, mergeMultipart(params, string(body), attrs["boundary"])
	}
	return params, parsePairs(params, string(body))
}

// mergeJSON lays the body over the query. A JSON scalar or list at the top carries no names and is left out.
func mergeJSON(params *value, body []byte) error {
	sent, err := decodeJSON(body)
	if err != nil {
		return err
	}
	if !sent.isArray() {
		return nil
	}
	for _, key := range sent.keys {
		params.put(key, sent.vals[key])
	}
	return nil
}

// parsePairs reads name=value pairs in order, with PHP's bracket names.
func parsePairs(params *value, raw string) error {
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, text, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return fmt.Errorf("parameter name: %w", err)
		}
		text, err = url.QueryUnescape(text)
		if err != nil {
			return fmt.Errorf("parameter value: %w", err)
		}
		setBracketed(params, name, text)
	}
	return nil
}

// setBracketed stores a[b][]=text. A name with an unclosed bracket is taken literally, as PHP nearly does.
func setBracketed(params *value, name, text string) {
	head, rest, nested := strings.Cut(name, "[")
	if head == "" {
		return
	}
	if !nested || !strings.HasSuffix(rest, "]") {
		params.put(name, newText(text))
		return
	}

	path := strings.Split(strings.TrimSuffix(rest, "]"), "][")
	if len(path) > maxNesting {
		return
	}
	at, key := params, head
	for _, next := range path {
		child := at.vals[key]
		if !child.isArray() {
			child = newArray()
			at.put(key, child)
		}
		if next == "" {
			next = fmt.Sprint(child.nextIndex())
		}
		at, key = child, next
	}
	at.put(key, newText(text))
}
