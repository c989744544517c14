package bitrix

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
)

// maxPages stops a list that never ends. 50 rows each make 10,000 rows, more than any deal has.
const maxPages = 200

var errEndless = errors.New("list does not come to an end")

// eachPage calls a list method for every page from start on and gives each result to take, until
// there is no next page or take wants no more (reference bitrix24 3.3). A list is complete or an
// error: half a list of invoices would hide money.
func (p *Portal) eachPage(
	ctx context.Context, method string, params map[string]any, start int,
	take func(raw json.RawMessage, page Page) (more bool, err error),
) error {
	for range maxPages {
		query := maps.Clone(params)
		if query == nil {
			query = map[string]any{}
		}
		if start > 0 {
			query["start"] = start
		}

		var raw json.RawMessage
		page, err := p.Call(ctx, method, query, &raw)
		if err != nil {
			return err
		}
		more, err := take(raw, page)
		if err != nil || !more || page.Next == nil {
			return err
		}
		if *page.Next <= start {
			break
		}
		start = *page.Next
	}

	return &Error{Method: method, Class: Unclear, Err: errEndless}
}

// collect gathers the rows of all pages. rows takes them out of one page's result.
func collect[T any](
	ctx context.Context, p *Portal, method string, params map[string]any, start int,
	rows func(raw json.RawMessage) ([]T, error),
) ([]T, error) {
	var all []T
	err := p.eachPage(ctx, method, params, start, func(raw json.RawMessage, _ Page) (bool, error) {
		got, err := rows(raw)
		all = append(all, got...)

		return true, err
	})
	if err != nil {
		return nil, err
	}

	return all, nil
}

// rowsOf reads a page whose result is the list of rows itself, as the legacy methods answer.
func rowsOf[T any](method string) func(raw json.RawMessage) ([]T, error) {
	return func(raw json.RawMessage) ([]T, error) {
		var got List[T]
		err := decodeResult(method, http.StatusOK, raw, &got)

		return got, err
	}
}
