package bitrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// maxBatch is how many commands one batch may hold (reference bitrix24 3.4).
const maxBatch = 50

// Command is one call inside a batch. Key names its answer and is unique in the batch.
type Command struct {
	Key, Method string
	Params      any
}

// BatchResult holds the answers of a batch by key.
type BatchResult struct {
	result  Map[json.RawMessage]
	failed  Map[json.RawMessage]
	total   Map[FlexInt]
	next    Map[FlexInt]
	methods map[string]string
	clean   func(string) string
}

// Batch runs up to 50 commands in one request, which counts once against the rate limit
// (reference bitrix24 3.4). A command that fails does not stop the others: look at each answer
// with [BatchResult.Decode]. The error is about the batch as a whole. Values that begin with
// "$result[" refer to earlier answers, so never pass foreign text that may begin so.
func (p *Portal) Batch(ctx context.Context, cmds []Command) (BatchResult, error) {
	r := BatchResult{methods: map[string]string{}}
	if len(cmds) == 0 {
		return r, nil
	}
	if len(cmds) > maxBatch {
		return r, &Error{Method: "batch", Class: Invalid, Err: fmt.Errorf("%d commands, at most %d", len(cmds), maxBatch)}
	}

	cmd := make(map[string]string, len(cmds))
	for _, c := range cmds {
		line, err := c.line()
		if err != nil {
			return r, &Error{Method: "batch", Class: Invalid, Err: fmt.Errorf("command %s: %w", c.Key, err)}
		}
		if _, twice := cmd[c.Key]; twice || c.Key == "" {
			return r, &Error{Method: "batch", Class: Invalid, Err: errors.New("every command needs its own key")}
		}
		cmd[c.Key], r.methods[c.Key] = line, c.Method
	}

	inside := make([]string, 0, len(cmds))
	for _, c := range cmds {
		inside = append(inside, c.Method)
	}
	if err := p.runBatch(ctx, cmd, inside, &r); err != nil {
		return r, err
	}
	for key := range r.failed {
		var inner *Error
		if _, err := r.Decode(key, nil); errors.As(err, &inner) {
			p.heed(ctx, inner.Method, inner)
		}
	}

	return r, nil
}

func (p *Portal) runBatch(ctx context.Context, cmd map[string]string, inside []string, r *BatchResult) error {
	var got struct {
		Result Map[json.RawMessage] `json:"result"`
		Failed Map[json.RawMessage] `json:"result_error"`
		Total  Map[FlexInt]         `json:"result_total"`
		Next   Map[FlexInt]         `json:"result_next"`
	}
	answer, err := p.run(ctx, "batch", map[string]any{"halt": 0, "cmd": cmd}, inside...)
	if err != nil {
		return err
	}
	if err := decodeResult("batch", answer.status, answer.env.Result, &got); err != nil {
		return err
	}
	r.result, r.failed, r.total, r.next = got.Result, got.Failed, got.Total, got.Next
	r.clean = answer.clean

	return nil
}

// line is the command in the portal's notation, method?query. The question mark is always there, as
// the official library sends it.
func (c Command) line() (string, error) {
	if !methodPattern.MatchString(c.Method) {
		return "", errors.New("not a method name")
	}
	query, err := encodeQuery(c.Params)
	if err != nil {
		return "", err
	}

	return c.Method + "?" + query, nil
}

// Decode reads the answer of one command into out, which may be nil. Its error is an [*Error] about
// that command alone; a command without any answer is Unclear.
func (r BatchResult) Decode(key string, out any) (Page, error) {
	method := r.methods[key]
	if raw, ok := r.failed[key]; ok {
		return Page{}, innerError(method, raw, r.clean)
	}
	raw, ok := r.result[key]
	if !ok {
		return Page{}, &Error{Method: method, Class: Unclear, Err: errors.New("batch has no answer for the command")}
	}
	if err := decodeResult(method, http.StatusOK, raw, out); err != nil {
		return Page{}, err
	}

	page := Page{Total: int(r.total[key])}
	if next, ok := r.next[key]; ok {
		n := int(next)
		page.Next = &n
	}

	return page, nil
}

// innerError reads a command's error, an object like the envelope's own or a bare code.
func innerError(method string, raw json.RawMessage, clean func(string) string) *Error {
	var inner struct {
		Code        json.RawMessage `json:"error"`
		Description FlexString      `json:"error_description"`
	}
	if json.Unmarshal(raw, &inner) != nil {
		inner.Code = raw
	}
	code, description, _ := errorOf(inner.Code, string(inner.Description))
	code, description = clean(code), clean(plainText(description))

	return &Error{
		Method: method, Status: http.StatusOK, Code: code, Description: description,
		Class: classify(http.StatusOK, code, description),
	}
}
