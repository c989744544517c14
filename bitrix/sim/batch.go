package sim

import (
	"net/http"
	"strings"
)

// maxBatch is the number of commands in one batch (reference bitrix24, 3.4).
const maxBatch = 50

// batchAnswer collects what the commands said, each under its own name.
type batchAnswer struct {
	result, failed, totals, nexts, times map[string]any
}

// runBatch runs up to fifty commands with one token. The answer is 200 even when every command failed.
func runBatch(c *call) (any, *restError) {
	commands := c.args.get("cmd")
	if !commands.isArray() {
		return nil, errMissing("cmd")
	}
	if len(commands.keys) > maxBatch {
		return nil, breach(http.StatusBadRequest, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded", "batch length")
	}
	halt := c.args.get("halt").str()

	answer := batchAnswer{
		result: map[string]any{}, failed: map[string]any{}, totals: map[string]any{},
		nexts: map[string]any{}, times: map[string]any{},
	}
	results := newArray()
	for _, key := range commands.keys {
		refusal := c.runCommand(key, commands.vals[key].str(), results, &answer)
		if refusal != nil && halt != "" && halt != "0" {
			break
		}
	}
	return answer.body(commands.keys), nil
}

// runCommand runs "method?query" with the results so far at hand for its $result references.
func (c *call) runCommand(key, command string, results *value, answer *batchAnswer) *restError {
	name, query, _ := strings.Cut(command, "?")
	inner := *c
	inner.method, inner.args = strings.TrimSuffix(name, ".json"), newArray()
	result, refusal := inner.runInner(query, results)

	record := callOf(c.now, inner.method, c.grant, inner.args, refusal)
	record.Batched = true
	c.s.book.call(record)
	if refusal != nil {
		c.s.recordBreach(inner.method, refusal)
		answer.failed[key] = refusal.body()
		return refusal
	}
	answer.take(key, result, results, c)
	return nil
}

// runInner takes a command apart and runs it with the checks of an ordinary call.
func (c *call) runInner(query string, results *value) (any, *restError) {
	if c.method == "batch" {
		return nil, breach(http.StatusMethodNotAllowed, "ERROR_BATCH_METHOD_NOT_ALLOWED",
			"Method is not allowed for batch usage", "nested batch")
	}
	raw := newArray()
	if err := parsePairs(raw, query); err != nil {
		return nil, breach(http.StatusBadRequest, "INVALID_REQUEST", "Malformed command", "malformed")
	}
	c.args = resolve(raw, results)
	return c.execute()
}

// take files a result under the command's name and keeps it for the references of later commands.
func (a *batchAnswer) take(key string, result any, results *value, c *call) {
	a.times[key] = timing(c.now)
	if page, ok := result.(list); ok {
		a.totals[key] = page.total
		if page.next > 0 {
			a.nexts[key] = page.next
		}
		result = page.result
	}
	a.result[key] = result
	if tree, err := toValue(result); err == nil {
		results.put(key, tree)
	}
}

// body is the answer with PHP's habit of writing an empty map as an empty list. A batch with numeric keys 0,1,2…
// becomes a list for the same reason.
func (a *batchAnswer) body(keys []string) map[string]any {
	return map[string]any{
		"result": phpMap(a.result, keys), "result_error": phpMap(a.failed, keys), "result_total": phpMap(a.totals, keys),
		"result_next": phpMap(a.nexts, keys), "result_time": phpMap(a.times, keys),
	}
}

// phpMap is a map as PHP encodes it: keys 0, 1, 2… make a list, and so does no key at all.
func phpMap(m map[string]any, keys []string) any {
	list := make([]any, 0, len(m))
	for i, key := range keys {
		v, present := m[key]
		if !present {
			break
		}
		if key != itoa(i) {
			return m
		}
		list = append(list, v)
	}
	if len(list) == len(m) {
		return list
	}
	return m
}

// resolve replaces $result[key][field] references in texts.
func resolve(v, results *value) *value {
	switch {
	case v == nil:
		return nil
	case v.kind == textValue:
		return lookUp(v, results)
	case v.kind != arrayValue:
		return v
	}
	out := newArray()
	for _, key := range v.keys {
		out.put(key, resolve(v.vals[key], results))
	}
	return out
}

// lookUp follows a reference. A reference that leads nowhere becomes empty text, as in PHP. A reference amid other
// text is filled in; one that is the whole text may also stand for an array.
func lookUp(v, results *value) *value {
	const mark = "$result["
	text := v.text
	for from := 0; ; {
		at := strings.Index(text[from:], mark)
		if at < 0 {
			return newText(text)
		}
		at += from
		path, end := referencePath(text, at+len("$result"))
		found := results.get(path...)
		if at == 0 && end == len(text) {
			if found == nil {
				return newText("")
			}
			return found
		}
		text = text[:at] + found.str() + text[end:]
		from = at + len(found.str())
	}
}

// referencePath reads "[a][b]" from at and says where it ends.
func referencePath(text string, at int) (path []string, end int) {
	for at < len(text) && text[at] == '[' {
		closing := strings.IndexByte(text[at:], ']')
		if closing < 0 {
			break
		}
		path = append(path, text[at+1:at+closing])
		at += closing + 1
	}
	return path, at
}
